/*-------------------------------------------------------------------------
 *
 * email.c
 *		E-mail addresses -> one comparable form.
 *
 * Purpose: "Zhang San <Zhang.San+crm@Example.COM>" and "zhang.san@example.com"
 * are one box.  The domain says which company somebody works for, unless it is
 * a free-mail provider's; a role box (info@) says nothing of the person.  Both
 * are marked, the caller weighs.  Called by: intake, contact points, keys.
 *
 * Invariants: pure; any bytes accepted; norm is "" unless valid; the norm of a
 * norm is itself.
 *
 * What is read: full-width forms are ASCII, controls and zero-width characters
 * go, "mailto:" and a display name with <...> go, white space and quotes at the
 * ends and one closing full stop go, everything becomes lower case, a tag after
 * '+' goes (unless nothing would be left).  Dots in the local part stay: only
 * some providers ignore them.
 * What is valid: one '@'; a local part of 1..64 characters, atoms of RFC 5322
 * with single inner dots; a domain of two or more labels, letters, digits and
 * inner hyphens, at most 253 characters, the last label not a number.  Quoted
 * local parts, address literals and non-ASCII addresses (write the domain as
 * xn--) are refused: in a customer's form they are mistakes.
 *
 *-------------------------------------------------------------------------
 */
#include "email.h"

#include <string.h>

#include "utf8.h"

#define MAX_LOCAL 64
#define MAX_DOMAIN 253
#define MAX_INPUT 512

/* role boxes; digits at the end are ignored (sales2) */
static const char *const role[] = {
	"abuse", "account", "accounts", "admin", "administrator", "bangong", "bangongshi", "billing",
	"biz", "boss", "business", "caigou", "caiwu", "careers", "ceo", "company", "contact",
	"contactus", "cs", "customer", "customerservice", "do-not-reply", "donotreply", "email",
	"enquiries", "enquiry", "export", "feedback", "finance", "gongsi", "hello", "help", "helpdesk",
	"hostmaster", "hr", "import", "info", "information", "inquiry", "it", "job", "jobs", "kefu",
	"legal", "mail", "manager", "market", "marketing", "master", "media", "mishu", "news",
	"newsletter", "no-reply", "noreply", "office", "order", "orders", "post", "postmaster", "pr",
	"press", "public", "purchase", "purchasing", "qiye", "reception", "recruit", "recruitment",
	"renshi", "resume", "root", "sale", "sales", "secretary", "security", "service", "services",
	"shichang", "spam", "support", "team", "tech", "test", "trade", "trading", "user", "web",
	"webmaster", "xiaoshou", "xingzheng", "yewu", "zhaopin", "zongjingli",
};

/* free-mail and carrier-mail domains */
static const char *const free_mail[] = {
	"10086.cn", "126.com", "139.com", "163.com", "163.net", "188.com", "189.cn", "21cn.com",
	"21cn.net", "263.net", "aliyun.com", "aol.com", "chinaren.com", "citiz.net", "daum.net",
	"etang.com", "eyou.com", "fastmail.com", "foxmail.com", "free.fr", "gmail.com",
	"googlemail.com", "hanmail.net", "hushmail.com", "icloud.com", "inbox.com", "laposte.net",
	"libero.it", "mac.com", "mail.com", "mail.ru", "me.com", "msn.cn", "msn.com", "naver.com",
	"netvigator.com", "orange.fr", "pm.me", "pobox.com", "proton.me", "protonmail.com", "qq.com",
	"rediffmail.com", "rocketmail.com", "seznam.cz", "sina.cn", "sina.com", "sina.com.cn",
	"sogou.com", "sohu.com", "t-online.de", "tom.com", "tutanota.com", "vip.126.com", "vip.163.com",
	"vip.188.com", "vip.qq.com", "vip.sina.com", "vip.sohu.com", "vip.tom.com", "wanadoo.fr",
	"web.de", "wo.cn", "wo.com.cn", "xinhuanet.com", "yandex.com", "yandex.ru", "yeah.net",
	"ymail.com", "zoho.com",
};

/* providers with a domain for each country */
static const char *const free_family[] = {"gmx.", "hotmail.", "live.", "outlook.", "yahoo."};

static bool
listed(const char *s, size_t len, const char *const *list, size_t n)
{
	size_t		lo = 0;

	while (lo < n)
	{
		size_t		mid = (lo + n) / 2;
		int			c = strncmp(list[mid], s, len);

		if (c == 0 && list[mid][len] != '\0')
			c = 1;
		if (c == 0)
			return true;
		if (c < 0)
			lo = mid + 1;
		else
			n = mid;
	}
	return false;
}

#define LISTED(s, len, list) listed(s, len, list, sizeof(list) / sizeof((list)[0]))

/*
 * Lower-case ASCII of the input into b, '\x80' for what is none; returns the
 * length, or -1 if it is too long to be an address.
 */
static int
read_ascii(const char *s, size_t len, char *b)
{
	const unsigned char *p = (const unsigned char *) s;
	const unsigned char *end = p + len;
	int			n = 0;

	while (p < end)
	{
		uint32_t	cp;
		int			l = leads_utf8_get(p, end, &cp);

		if (l == 0)
		{
			cp = 0x80;
			l = 1;
		}
		p += l;
		if (cp >= 0xFF01 && cp <= 0xFF5E)
			cp -= 0xFEE0;
		if (cp == 0x3000 || cp == 0xA0 || cp == '\t' || cp == '\r' || cp == '\n')
			cp = ' ';
		if (cp < ' ' || cp == 0x7F || cp == 0xAD || cp == 0xFEFF || (cp >= 0x200B && cp <= 0x200F) ||
			(cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x206F))
			continue;
		if (cp >= 'A' && cp <= 'Z')
			cp += 32;
		if (cp == ' ' && n == 0)
			continue;
		if (n >= MAX_INPUT)
			return -1;
		b[n++] = cp < 0x80 ? (char) cp : '\x80';
	}
	return n;
}

static bool
is_edge(char c)
{
	return c == ' ' || c == '"' || c == '\'' || c == ';' || c == ',';
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static bool
valid_local(const char *s, int len)
{
	if (len < 1 || len > MAX_LOCAL || s[0] == '.' || s[len - 1] == '.')
		return false;
	for (int i = 0; i < len; i++)
	{
		if (s[i] == '.' && s[i - 1] == '.')
			return false;
		if (!is_alnum(s[i]) && (s[i] == '\0' || strchr(".!#$%&'*+/=?^_`{|}~-", s[i]) == NULL))
			return false;
	}
	return true;
}

static bool
valid_domain(const char *s, int len)
{
	int			labels = 0,
				start = 0;
	bool		letter = false;

	if (len < 3 || len > MAX_DOMAIN)
		return false;
	for (int i = 0; i <= len; i++)
	{
		if (i < len && s[i] != '.')
		{
			if (!is_alnum(s[i]) && s[i] != '-')
				return false;
			letter |= (s[i] >= 'a');
			continue;
		}
		if (i == start || i - start > 63 || s[start] == '-' || s[i - 1] == '-')
			return false;
		labels++;
		if (i == len && (!letter || i - start < 2))
			return false;
		letter = false;
		start = i + 1;
	}
	return labels >= 2;
}

static bool
is_free(const char *domain, int len)
{
	if (LISTED(domain, (size_t) len, free_mail))
		return true;
	for (size_t i = 0; i < sizeof(free_family) / sizeof(free_family[0]); i++)
	{
		size_t		l = strlen(free_family[i]);

		/* yahoo.com.hk, but not yahoo.example.com */
		if ((size_t) len > l && (size_t) len <= l + 6 && memcmp(domain, free_family[i], l) == 0)
			return true;
	}
	return false;
}

void
leads_email_parse(const char *s, size_t len, LeadsEmail *out)
{
	char		b[MAX_INPUT];
	char	   *p = b;
	char	   *at,
			   *tag;
	int			n,
				local,
				base;

	memset(out, 0, sizeof(*out));
	n = read_ascii(s, len, b);
	if (n == 0)
		return;
	out->present = true;
	if (n < 0)
		return;

	/* Name <address> */
	if ((at = memchr(p, '<', (size_t) n)) != NULL)
	{
		char	   *close = memchr(at, '>', (size_t) (n - (at - p)));

		n = (int) ((close ? close : p + n) - (at + 1));
		p = at + 1;
	}
	while (n > 0 && is_edge(*p))
		p++, n--;
	if (n > 7 && memcmp(p, "mailto:", 7) == 0)
		p += 7, n -= 7;
	while (n > 0 && is_edge(p[n - 1]))
		n--;
	if (n > 0 && p[n - 1] == '.')
		n--;

	at = n > 0 ? memchr(p, '@', (size_t) n) : NULL;
	if (at == NULL)
		return;
	local = (int) (at - p);
	n -= local + 1;
	if (!valid_local(p, local) || !valid_domain(at + 1, n))
		return;

	tag = memchr(p, '+', (size_t) local);
	if (tag != NULL && tag > p && tag[-1] != '.')
		local = (int) (tag - p);

	out->valid = true;
	memcpy(out->norm, p, (size_t) local);
	out->norm[local] = '@';
	memcpy(out->norm + local + 1, at + 1, (size_t) n);
	memcpy(out->domain, at + 1, (size_t) n);

	for (base = local; base > 0 && p[base - 1] >= '0' && p[base - 1] <= '9'; base--)
		;
	out->weak_local = base > 0 && LISTED(p, (size_t) base, role);
	out->free_domain = is_free(at + 1, n);
}
