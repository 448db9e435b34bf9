# test/bench/probe.sh: the duplicate check against pg_trgm on the same names in one run (B=probe; sourced by run).
#
#   SIZES="100000 1000000 all"   names; PASSES=5 (times each query is asked; its median counts)
#   MORE=60000   names that are inserted at the end, so many that pg_trgm's pending list (gin_pending_list_limit, 4 MB: some
#                10,000 names) overflows several times, as it does in life: what its default saves at an insert it pays there
#   GIN_QUERIES=300  KNN_QUERIES=60   a pg_trgm probe is slow, so it gets the first so many queries in random order
#
# Protocol of issue 3 (test/accuracy/prepare.py): base by md5, 40 % corrupted, 15 % listed short names, 15 % gold, 30 %
# newcomers. What register() would store of the names comes from the library's own parser and keys (keys.c) and is
# COPYed; a call of the public function is timed in the server, by one session, everything in memory.

probe_load() { # size
	local dir=$PGL_WORK/probe
	mkdir -p "$dir"
	python3 "$PGL_ROOT/test/accuracy/prepare.py" "$data" "$dir" "${1/all/100000000}"
	gcc -O2 -std=gnu11 -I"$PGL_ROOT/src" -I"$PGL_ROOT/src/lib" "$PGL_ROOT/test/bench/keys.c" "$PGL_ROOT"/src/lib/*.c -lm -o "$dir/keys"
	mkdir -p "$dir/base" "$dir/more"
	"$dir/keys" "$dir/base" <"$dir/base.txt"
	# new names for the inserts: the front half of one name and the back half of another, so pairs of characters are as common as in life
	python3 - "$dir/base.txt" "${MORE:-60000}" <<-'EOF' | "$dir/keys" "$dir/more" 1000000000
		import random, sys
		names = open(sys.argv[1], encoding="utf-8").read().splitlines()
		random.seed(1)
		for _ in range(int(sys.argv[2])):
		    a, b = random.choice(names), random.choice(names)
		    print(a[: len(a) // 2] + b[len(b) // 2 :])
	EOF
	[ "$(id -u)" != 0 ] || chown -R postgres: "$dir"
	pgl_psql -q -d postgres -c "SET client_min_messages = warning" -c "DROP DATABASE IF EXISTS probe" -c "CREATE DATABASE probe"
	(cd "$PGL_TREE" && psql_probe -v dir="$dir" -v trgm="${PROBE_TRGM:-on}" -f test/bench/probe_load.sql)
}

# what of the accuracy table can be seen through the public function (test/accuracy/server.sql)
probe_accuracy() { (cd "$PGL_TREE" && psql_probe -f test/accuracy/server.sql); }

psql_probe() { pgl_psql -q -A -t -F ' ' -v ON_ERROR_STOP=1 -d probe "$@"; }

bench_probe() {
	local size
	if [ ! -f "$data/cn_company_names_1930k.tsv.zst" ] || ! command -v python3 >/dev/null || ! command -v zstd >/dev/null; then
		echo "no data at LEADS_DATA=$data, or no python3 or zstd: no probe"
		return
	fi
	rm -f "$PGL_WORK/probe.figures"
	for size in ${SIZES:-100000 1000000 all}; do
		pgl_say "$size names"
		probe_load "$size"
		probe_accuracy
		(cd "$PGL_TREE" && psql_probe -v passes="${PASSES:-5}" -v gin="${GIN_QUERIES:-300}" -v knn="${KNN_QUERIES:-60}" \
			-f test/bench/probe_run.sql) | tee -a "$PGL_WORK/probe.figures"
	done
	# figure names are the first words of a line, "p50 KIND us"
	awk '$1 == "names" {n = $2} $1 == "p50" && $2 == "check_duplicate" {if (!first) {first = $3; n0 = n} last = $3}
		END {if (n > n0) printf "growth exponent of p50 from %d to %d names: %.2f (goal: <= .20)\n", n0, n, log(last / first) / log(n / n0)}' \
		"$PGL_WORK/probe.figures"
	echo "goals at all names: p50 <= 300 us, p95 <= 600 us, over GIN >= 300 x (p50) and >= 1,000 x (p95), keys <= 420 bytes a name, insert <= 1.5 x"
	pgl_psql -q -d postgres -c "DROP DATABASE probe"
}
