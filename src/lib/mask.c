/*-------------------------------------------------------------------------
 *
 * mask.c
 *		What a reader without sight may be shown of a name, a number, an address.
 *
 * Purpose: enough to recognise what one knows already, not enough to learn it.
 * Called by: act/register (matches), access/masking (views), read/explain.
 *
 * Invariants: pure; any bytes accepted; control, zero-width and bidi characters
 * never get through; the result is no longer than LEADS_MASK_MAX - 1 bytes and
 * always whole characters; masking a masked text reveals nothing more.
 *
 *-------------------------------------------------------------------------
 */
#include "mask.h"

#include <string.h>

#include "phone.h"
#include "utf8.h"

#define STARS "****"

/* characters that show nothing of themselves, but change what stands beside them */
static bool
invisible(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x061C ||
		(c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
		(c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

static bool
blank(uint32_t c)
{
	return c == ' ' || c == 0xA0 || c == 0x3000;
}

static int
finish(char *out, int n)
{
	out[n] = '\0';
	return n;
}

static int
put_text(char *out, int n, const char *s, size_t len)
{
	memcpy(out + n, s, len);
	return n + (int) len;
}

int
leads_mask_name(const char *s, size_t len, char *out)
{
	const unsigned char *p = (const unsigned char *) s;
	const unsigned char *end = p + len;
	uint32_t	head[2] = {0, 0};
	uint32_t	tail[2] = {0, 0};	/* last two, oldest first */
	size_t		count = 0;
	size_t		pending = 0;	/* blanks that count only if something follows */
	int			n = 0;

	while (p < end)
	{
		uint32_t	c;
		int			took = leads_utf8_get(p, end, &c);

		p += took ? took : 1;
		if (took == 0 || invisible(c))
			continue;
		if (blank(c))
		{
			if (count > 0)
				pending++;
			continue;
		}
		count += pending;
		pending = 0;
		if (count < 2)
			head[count] = c;
		tail[0] = tail[1];
		tail[1] = c;
		count++;
	}
	if (count == 0)
		return finish(out, 0);
	n += leads_utf8_put(head[0], out + n);
	if (count <= 4)
	{
		/* people: 张*, 张** */
		n = put_text(out, n, STARS, count > 2 ? 2 : 1);
		return finish(out, n);
	}
	if (head[1])
		n += leads_utf8_put(head[1], out + n);
	n = put_text(out, n, STARS, strlen(STARS));
	n += leads_utf8_put(tail[0], out + n);
	n += leads_utf8_put(tail[1], out + n);
	return finish(out, n);
}

int
leads_mask_phone(const char *s, size_t len, char *out)
{
	LeadsPhone	phone;
	char		digits[32];
	int			nd = 0;
	int			n = 0;
	const char *from;

	leads_phone_parse(s, len, &phone);
	if (phone.kind == LEADS_PHONE_NONE)
		return finish(out, 0);
	/* what is no number may hold one all the same: only its digits count */
	from = phone.norm[0] ? phone.norm : s;
	if (phone.norm[0])
		len = strlen(phone.norm);
	for (size_t i = 0; i < len && nd < (int) sizeof(digits); i++)
		if (from[i] >= '0' && from[i] <= '9')
			digits[nd++] = from[i];
	if (nd >= 8)
	{
		int			head = nd - 8 < 3 ? nd - 8 : 3;

		n = put_text(out, n, digits, (size_t) head);
		n = put_text(out, n, STARS, strlen(STARS));
		n = put_text(out, n, digits + nd - 4, 4);
	}
	else
	{
		n = put_text(out, n, STARS, strlen(STARS));
		if (nd >= 4)
			n = put_text(out, n, digits + nd - 2, 2);
	}
	return finish(out, n);
}

int
leads_mask_email(const char *s, size_t len, char *out)
{
	const char *at = NULL;
	size_t		dom;
	int			n = 0;

	while (len > 0 && (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r'))
		s++, len--;
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\n' || s[len - 1] == '\r'))
		len--;
	if (len == 0)
		return finish(out, 0);
	for (size_t i = 0; i < len; i++)
		if (s[i] == '@')
			at = s + i;
	dom = at ? len - (size_t) (at - s) : 0;
	if (at && at > s + 1 && ((s[0] >= 'a' && s[0] <= 'z') || (s[0] >= 'A' && s[0] <= 'Z') || (s[0] >= '0' && s[0] <= '9')))
		out[n++] = s[0];
	n = put_text(out, n, "***", 3);
	/* the domain as it is, if it is a plain one */
	for (size_t i = 1; i < dom; i++)
		if (!((at[i] >= 'a' && at[i] <= 'z') || (at[i] >= 'A' && at[i] <= 'Z') ||
			  (at[i] >= '0' && at[i] <= '9') || at[i] == '.' || at[i] == '-'))
			dom = 0;
	if (dom > 1 && dom < LEADS_MASK_MAX - 8)
		n = put_text(out, n, at, dom);
	return finish(out, n);
}
