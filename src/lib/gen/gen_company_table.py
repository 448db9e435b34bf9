#!/usr/bin/env python3
"""Writes ../company_table.c from the extracts in data/ (see data/NOTICE).

  gen_company_table.py           write the table
  gen_company_table.py --check   fail if the committed table is not what the extracts give

Standard modules only; the hash functions here and in company_name.c and keys.c must agree.
"""
import math
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, 'data')
TARGET = os.path.join(HERE, '..', 'company_table.c')
M64 = (1 << 64) - 1
WORD_MAX = 16
SKETCH_BITS = 16


def lines(name):
    with open(os.path.join(DATA, name), encoding='utf-8') as f:
        return [l.rstrip('\n') for l in f if l.strip() and not l.startswith('#')]


def header(name):
    with open(os.path.join(DATA, name), encoding='utf-8') as f:
        return int(re.search(r'names=(\d+)', f.readline()).group(1))


def mix(h, c):
    h = ((h ^ c) * 0xff51afd7ed558ccd) & M64
    return h ^ (h >> 32)


def word_hash(cps):
    h = 0x9E3779B97F4A7C15
    for c in cps:
        h = mix(h, c)
    return h


def slots(hashes):
    size = 1
    while size < 2 * len(hashes):
        size *= 2
    table = [0] * size
    for i, h in enumerate(hashes):
        p = h & (size - 1)
        while table[p]:
            p = (p + 1) & (size - 1)
        # with 16 bits of its own, so that a miss need not look at the word
        table[p] = h >> 48 << 16 | i + 1
    return table


def numbers(values, per=24):
    return [', '.join(map(str, values[i:i + per])) + ',' for i in range(0, len(values), per)]


# ---- regions ----------------------------------------------------------------------------------
ETHNIC = ('蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|'
          '仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|鄂温克|保安|裕固|独龙|鄂伦春|门巴|珞巴|各')
SPECIAL = {'内蒙古自治区': '内蒙古', '广西壮族自治区': '广西', '西藏自治区': '西藏', '宁夏回族自治区': '宁夏', '新疆维吾尔自治区': '新疆',
           '香港特别行政区': '香港', '澳门特别行政区': '澳门', '神农架林区': '神农架', '克孜勒苏柯尔克孜自治州': '克州',
           '博尔塔拉蒙古自治州': '博州', '大兴安岭地区': '大兴安岭', '伊犁哈萨克自治州': '伊犁', '巴音郭楞蒙古自治州': '巴州',
           '阿坝藏族羌族自治州': '阿坝', '双江拉祜族佤族布朗族傣族自治县': '双江', '东乡族自治县': '东乡', '杜尔伯特蒙古族自治县': '杜尔伯特',
           '前郭尔罗斯蒙古族自治县': '前郭', '喀喇沁左翼蒙古族自治县': '喀左', '阜新蒙古族自治县': '阜蒙', '湘西土家族苗族自治州': '湘西'}


def short(name):
    if name in SPECIAL:
        return SPECIAL[name]
    s = re.sub('(特别行政区|自治区|自治州|自治县|自治旗|地区|省|市|县|区|旗|盟|林区)$', '', name)
    if re.search('自治[州县旗]$', name):
        while True:
            t = re.sub('(%s)族$' % ETHNIC, '', s)
            if t == s or len(t) < 2:
                break
            s = t
    return s if len(s) > 1 else name


def regions():
    rows = [l.split(',') for l in lines('regions.csv')]
    index = {c: i for i, (c, n) in enumerate(rows)}
    out = []
    for c, n in rows:
        level = 1 if c.endswith('0000') else 2 if c.endswith('00') else 3
        parent = None
        if level == 3:
            parent = index.get(c[:4] + '00')
        if level > 1 and parent is None:
            parent = index.get(c[:2] + '0000')
        out.append((int(c), level, parent if parent is not None else len(rows), n, short(n)))
    return out


def region_words(regs):
    brand = {w.lstrip('!') for w in lines('brand_places.txt')} | set(lines('brand_like.txt'))
    strict = {w[1:] for w in lines('brand_places.txt') if w.startswith('!')}
    words = {}
    for i, (c, level, parent, n, s) in enumerate(regs):
        words.setdefault(n, {'full': True, 'at': []})['at'].append(i)
        if s != n:
            words.setdefault(s, {'full': False, 'at': []})['at'].append(i)
    out, refs = [], []
    for w in sorted(words):
        e = words[w]
        at = sorted(set(e['at']), key=lambda i: (regs[i][1], i))
        top = regs[at[0]][1]
        flags = 1 if e['full'] else 0
        alone = top < 3 or e['full'] or (w not in brand and len(at) == 1)
        if w in strict and not e['full']:
            alone = False
            flags |= 4
        if alone:
            flags |= 2
        if len(w) <= WORD_MAX:
            out.append((w, flags, len(refs), len(at)))
            refs += at
    return out, refs


# ---- frequencies ------------------------------------------------------------------------------
def quant(count, names):
    return max(1, min(255, round(8 * math.log2(1e6 * count / names))))


def sketch(industry):
    size = 1 << SKETCH_BITS
    table = [0] * size

    def put(a, b, q):
        h = word_hash([a, b]) & (size - 1)
        table[h] = max(table[h], q)

    n = header('df_char.txt')
    for l in lines('df_char.txt'):
        c, k = l.split()
        put(ord(c), 0, quant(int(k), n))
    n = header('df_bigram.txt')
    for l in lines('df_bigram.txt'):
        w, k = l.split()
        put(ord(w[0]), ord(w[1]), quant(int(k), n))
    n = header('df_bigram_full.txt')
    for l in lines('df_bigram_full.txt'):
        w, k = l.split()
        put(ord(w[0]), ord(w[1]), quant(int(k), n))
    for w in industry:
        for a, b in zip(w, w[1:]):
            put(ord(a), ord(b), 8 * 9)
    return table


def latin_hash(s):
    h = 0xcbf29ce484222325
    for c in s.encode():
        h = ((h ^ c) * 0x100000001b3) & M64
    return h


def generate():
    o = []
    regs = regions()
    words, refs = region_words(regs)
    drop = set(lines('industry_drop.txt'))
    legal = [tuple(l.split('\t')) for l in lines('legal_cn.txt')]
    legal = sorted(dict(legal).items())
    industry = sorted({w for f in ('industry_words.txt', 'industry_extra.txt') for w in lines(f)
                       if 2 <= len(w) <= 8} - drop)
    llat = {}
    for f in ('legal_latin_extra.txt', 'legal_latin.txt'):
        for l in lines(f):
            p = l.split('\t')
            if re.fullmatch('i{1,3}|iv|vi{0,3}|ix|x', p[1]):
                continue            # Fund II is not Fund III
            llat.setdefault(p[1], 'g' if p[2:] == ['g'] else 'l')
    llat = sorted(llat.items())
    n_latin = header('df_latin.txt')
    dlat = sorted((w, quant(int(k), n_latin)) for w, k in (l.split() for l in lines('df_latin.txt')))

    o.append('/* Generated by gen/gen_company_table.py from gen/data; do not edit.  Licences: gen/data/NOTICE. */')
    o.append('#include "company_table.h"')
    o.append('')
    o.append('const LeadsRegion leads_regions[] = {')
    for c, level, parent, n, s in regs:
        o.append('\t{%d, %d, %d, %d, u"%s"},' % (c, parent if parent < len(regs) else -1, level, len(s) if n.startswith(s) else 0, n))
    o.append('};')
    o.append('const int leads_nregions = %d;' % len(regs))
    o.append('')
    o.append('const uint16_t leads_region_refs[] = {')
    o += ['\t' + l for l in numbers(refs)]
    o.append('};')

    def dictionary(name, rows, hashes):
        o.append('')
        o.append('static const LeadsWord %s_words[] = {' % name)
        for w, kind, first, n in rows:
            o.append('\t{u"%s", %d, %s, %d, %d},' % (w, len(w), kind, first, n))
        o.append('};')
        t = slots(hashes)
        o.append('static const uint32_t %s_slots[] = {' % name)
        o.extend('\t' + l for l in numbers(t))
        o.append('};')
        o.append('const LeadsDict leads_%s_dict = {%s_words, %s_slots, %d, %d};' %
                 (name, name, name, len(t) - 1, max(len(r[0]) for r in rows)))

    dictionary('region', words, [word_hash(map(ord, w[0])) for w in words])
    dictionary('legal', [(w, "'%s'" % k, 0, 0) for w, k in legal], [word_hash(map(ord, reversed(w))) for w, k in legal])
    dictionary('industry', [(w, 0, 0, 0) for w in industry], [word_hash(map(ord, reversed(w))) for w in industry])

    o.append('')
    o.append('/* legal forms of Latin script, folded, words parted by one space; by hash */')
    rows = sorted((latin_hash(w), w, k) for w, k in llat)
    o.append('const LeadsLatinWord leads_latin_legal[] = {')
    o += ["\t{0x%016xULL, '%s'},\t/* %s */" % (h, k, w) for h, w, k in rows]
    o.append('};')
    o.append('const int leads_nlatin_legal = %d;' % len(rows))
    o.append('')
    o.append('/* frequent words of Latin names: 8 * log2 of names in a million; by hash */')
    rows = sorted((latin_hash(w), w, q) for w, q in dlat)
    o.append('const LeadsLatinWord leads_latin_df[] = {')
    o += ['\t{0x%016xULL, %d},\t/* %s */' % (h, q, w) for h, w, q in rows]
    o.append('};')
    o.append('const int leads_nlatin_df = %d;' % len(rows))
    o.append('')
    o.append('/* frequencies of characters and bigrams: 8 * log2 of names in a million, 0 = rare; slot by hash */')
    o.append('const uint8_t leads_df_shipped[LEADS_DF_SIZE] = {')
    o += ['\t' + l.replace(' ', '') for l in numbers(sketch(industry), 64)]
    o.append('};')
    return '\n'.join(o) + '\n'


text = generate()
if sys.argv[1:] == ['--check']:
    with open(TARGET, encoding='utf-8') as f:
        if f.read() != text:
            sys.exit('company_table.c is not what gen/data gives: run gen/gen_company_table.py')
else:
    with open(TARGET, 'w', encoding='utf-8') as f:
        f.write(text)
