# test/lib.sh: what check, demo, bench, mutants and dev share. Source it; it only defines functions.
#
# Everything happens in one work directory ($PGL_WORK, under ${TMPDIR:-/var/tmp}): a private copy of the
# PostgreSQL installation with pg_leads in it, clusters, sockets, results. Nothing is installed into the
# system's PostgreSQL and none of its clusters is touched. Servers and tests run as the OS user postgres
# when the caller is root, else as the caller.

PGL_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PGL_MAJOR=${PGL_MAJOR:-15}
PGL_TMP=${TMPDIR:-/var/tmp}
# a Unix socket's path has room for 107 bytes
[ ${#PGL_TMP} -le 50 ] || PGL_TMP=/var/tmp

pgl_die() { echo "pg_leads: $*" >&2; exit 1; }
pgl_say() { [ -n "${PGL_QUIET:-}" ] || echo "== $*"; }

# ---------------------------------------------------------------- the OS user

if [ "$(id -u)" = 0 ]; then
	PGL_USER=postgres
else
	PGL_USER=$(id -un)
fi

# run a command as the OS user that owns the servers, without the caller's PG* variables
pgl_as() {
	local drop
	drop=$(compgen -e | grep -E '^PG[A-Z]+$' | sed 's/^/-u /' | tr '\n' ' ') || true
	if [ "$(id -u)" = 0 ]; then
		# shellcheck disable=SC2086
		runuser -u postgres -- env $drop HOME="$PGL_WORK" PATH="$PGL_BIN:$PATH" "$@"
	else
		# shellcheck disable=SC2086
		env $drop HOME="$PGL_WORK" PATH="$PGL_BIN:$PATH" "$@"
	fi
}

# the developer data beside the tree, if any (LEADS_DATA names another place)
pgl_data() {
	local d
	for d in "${LEADS_DATA:-}" "$PGL_ROOT/../shared/data" "$PGL_ROOT/../../shared/data"; do
		[ -z "$d" ] || [ ! -d "$d" ] || { echo "$d"; return; }
	done
	echo "${LEADS_DATA:-../shared/data}"
}

# ---------------------------------------------------------------- packages, build, private copy

# the directory with the headers and programs that are copied
pgl_source_prefix() { echo "${PGL_PREFIX:-/usr}"; }

pgl_packages() { "$PGL_ROOT/test/setup" packages; }

# build in the tree (incremental)
pgl_build() {
	pgl_say "build"
	local log=$PGL_WORK/build.log
	if ! make -C "$PGL_ROOT" -j2 --no-print-directory with_llvm=no \
		PG_CONFIG="$PGL_BIN/pg_config" COPT="${COPT--Werror}" >"$log" 2>&1; then
		cat "$log" >&2
		pgl_die "the build failed"
	fi
}

# copy lib/postgresql/N and share/postgresql/N: the programs find both relative to their own path
pgl_private_copy() {
	local from
	from=$(pgl_source_prefix)
	PGL_INST=$PGL_WORK/inst
	PGL_BIN=$PGL_INST/lib/postgresql/$PGL_MAJOR/bin
	PGL_LIB=$PGL_INST/lib/postgresql/$PGL_MAJOR/lib
	PGL_PGXS=$PGL_LIB/pgxs/src
	if [ ! -x "$PGL_BIN/postgres" ]; then
		pgl_say "private copy of PostgreSQL $PGL_MAJOR"
		mkdir -p "$PGL_INST/lib/postgresql" "$PGL_INST/share/postgresql"
		cp -a "$from/lib/postgresql/$PGL_MAJOR" "$PGL_INST/lib/postgresql/"
		cp -a "$from/share/postgresql/$PGL_MAJOR" "$PGL_INST/share/postgresql/"
		ln -s "$from/include" "$PGL_INST/include"
		# an installed pg_leads is not the one under test
		rm -f "$PGL_INST/share/postgresql/$PGL_MAJOR/extension"/pg_leads* "$PGL_LIB"/pg_leads.so
	fi
	case $("$PGL_BIN/pg_config" --sharedir) in
		"$PGL_INST"/*) ;;
		*) pgl_die "the copied pg_config does not look at the copy" ;;
	esac
}

pgl_install() {
	local log=$PGL_WORK/install.log
	if ! make -C "$PGL_ROOT" --no-print-directory with_llvm=no install \
		PG_CONFIG="$PGL_BIN/pg_config" COPT="${COPT--Werror}" >"$log" 2>&1; then
		cat "$log" >&2
		pgl_die "make install failed"
	fi
}

# the parts of the tree that tests read, where the OS user can read them
pgl_copy_tests() {
	PGL_TREE=$PGL_WORK/tree
	rm -rf "$PGL_TREE"
	mkdir -p "$PGL_TREE"
	tar -C "$PGL_ROOT" -cf - --exclude='*.o' --exclude='*.d' --exclude='*.bc' --exclude=./.git --exclude='./build/work*' . |
		tar -C "$PGL_TREE" -xf -
	[ "$(id -u)" != 0 ] || chown -R postgres: "$PGL_TREE"
}

# ---------------------------------------------------------------- work directory

# pgl_work_new [fixed name]: make the work directory and its private copy, build and install
pgl_work_new() {
	if [ -n "${1:-}" ]; then
		PGL_WORK=$PGL_TMP/$1
		mkdir -p "$PGL_WORK"
	else
		PGL_WORK=$(mktemp -d "$PGL_TMP/pg_leads.XXXXXX")
	fi
	chmod 755 "$PGL_WORK"
	[ "$(id -u)" != 0 ] || chown postgres: "$PGL_WORK"
	pgl_private_copy
}

# a name for this tree's long-lived work directories, so that two trees do not meet
pgl_tree_name() { echo "pg_leads-$1-$(id -u)-$(printf %s "$PGL_ROOT" | cksum | cut -d' ' -f1)"; }

# ---------------------------------------------------------------- cluster

# pgl_cluster_start [name] [cron database] [extra postgresql.conf lines]
# sets PGL_DATA, PGHOST, PGPORT, PGUSER for psql in this shell (use pgl_psql)
pgl_cluster_start() {
	local name=${1:-main} crondb=${2:-pgl_cron} extra=${3:-}
	PGL_DATA=$PGL_WORK/$name
	PGL_SOCK=$PGL_WORK/s
	PGL_PORT=$((20000 + RANDOM % 30000))
	mkdir -p "$PGL_SOCK"
	[ "$(id -u)" != 0 ] || chown postgres: "$PGL_SOCK"
	pgl_as initdb -D "$PGL_DATA" -U postgres -A trust -N -E UTF8 --locale="${PGL_LOCALE:-C.UTF-8}" \
		>"$PGL_WORK/$name.initdb.log" 2>&1 || { cat "$PGL_WORK/$name.initdb.log" >&2; pgl_die "initdb failed"; }
	pgl_as tee -a "$PGL_DATA/postgresql.conf" >/dev/null <<-EOF
		listen_addresses = ''
		port = $PGL_PORT
		unix_socket_directories = '$PGL_SOCK'
		shared_preload_libraries = 'pg_cron'
		cron.database_name = '$crondb'
		cron.host = '$PGL_SOCK'
		max_worker_processes = 20
		max_prepared_transactions = 10
		max_connections = 100
		wal_level = logical
		fsync = off
		synchronous_commit = off
		full_page_writes = off
		autovacuum_naptime = 1h
		log_line_prefix = '%m [%p] %q%a '
		log_min_messages = warning
		timezone = 'UTC'
		log_timezone = 'UTC'
		lc_messages = 'C'
		$extra
	EOF
	pgl_server_start
	pgl_psql -q -d postgres -c "CREATE DATABASE $crondb" >/dev/null
}

pgl_server_start() {
	pgl_as pg_ctl -D "$PGL_DATA" -s -w -t 60 -l "$PGL_DATA.log" start >/dev/null || {
		cat "$PGL_DATA.log" >&2
		pgl_die "the server did not start"
	}
}

pgl_server_stop() {
	[ ! -f "$PGL_DATA/postmaster.pid" ] || pgl_as pg_ctl -D "$PGL_DATA" -s -w -m fast stop >/dev/null 2>&1 ||
		pgl_as pg_ctl -D "$PGL_DATA" -s -w -m immediate stop >/dev/null 2>&1 || true
}

# psql as the superuser of the private cluster; later -U wins
pgl_psql() { pgl_as psql -X -h "$PGL_SOCK" -p "$PGL_PORT" -U postgres "$@"; }

# stop every server under the work directory and remove it (for a trap)
pgl_cleanup() {
	local rc=$? pid
	trap - EXIT INT TERM
	if [ -n "${PGL_WORK:-}" ] && [ -d "$PGL_WORK" ]; then
		find "$PGL_WORK" -name postmaster.pid -not -path '*/inst/*' 2>/dev/null | while read -r pid; do
			PGL_DATA=$(dirname "$pid") pgl_server_stop
		done
		if [ -n "${KEEP:-}" ]; then
			echo "kept $PGL_WORK" >&2
		else
			rm -rf "$PGL_WORK"
		fi
	fi
	exit $rc
}
