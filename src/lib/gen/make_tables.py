#!/usr/bin/env python3
"""Make src/lib/fold_table.c and src/lib/pinyin_table.c.

  make_tables.py            write both tables
  make_tables.py --check    write nothing; exit 1 if a committed table is stale
  make_tables.py --report   print what the trad.->simp. policy kept and why

Input: Debian's package unicode-data (or --ucd DIR), and TSCharacters.txt beside
this script (OpenCC).  See NOTICE for origin and licences.  Standard modules only.

How the tables are encoded
  A table over code points has two stages: index[cp >> 6] names a block of 64
  values.  Tables end at LIMIT; above it nothing decomposes or folds, and the
  few properties there are in fold.c.
  In `nfkd` and `fold` a value is 0 (the character stays), a BMP code point (it
  becomes that), or SEQ + i (it becomes sequence i: supplementary targets and
  sequences).  SEQ .. 0xF8FF are surrogates and private use, never targets.

Policy of traditional -> simplified (one character at a time, no phrases)
  1. A character of the Table of General Standard Chinese Characters (kTGH, 8105
     characters) is simplified already and stays: 乾 (乾坤), 著, 瞭, 藉 keep
     themselves although they also are traditional forms of 干, 着, 了, 借.
     Merging them would make two different names equal; leaving them costs one
     edit in the rare traditional text.
  2. Otherwise OpenCC's first candidate that is in that table, else its first.
     OpenCC may say that the character stays: it does.
  3. Otherwise Unihan's kSimplifiedVariant, the same way, but never to a rare
     supplementary character: nobody types those.
  4. KEEP and FORCE below override, each with its reason.
  Chains are followed to their end, so that folding is idempotent.
"""
import bz2
import os
import re
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
LIB = os.path.dirname(HERE)
UCD = '/usr/share/unicode'
LIMIT = 0x30000
SHIFT = 6
SEQ = 0xD800
SEQ_END = 0xF900

# traditional characters that must not be mapped although the rules would
KEEP = {}
# mappings rule 1 would keep: in the standard table for a rare use only, while
# the traditional use is an everyday one
FORCE = {
    '夥': '伙',      # 有限合夥, 夥伴; standard only as "many"
    '於': '于',      # standard only as a surname and in 於潜, where 于 is written too
    '徵': '征',      # 徵信; standard only as a note of the scale
    '祕': '秘',      # 祕書; standard only as a surname
    '麽': '么',
}

# Readings as they are in names of companies and people, where the most frequent
# reading of running text is another one.
READING = {
    '长': 'chang',   # 长江, 长城; running text counts 长 zhang (市长)
    '都': 'du',      # 成都; running text: dou
    '地': 'di',      # 地产; running text: de
    '得': 'de',
    '着': 'zhe',
    '曾': 'zeng',    # the surname
    '盖': 'gai',
    '厦': 'xia',     # 厦门
    '乐': 'le',
    '薄': 'bo',
    '泊': 'bo',
    '咳': 'ke',
    '嗯': 'en',
}

# ---------------------------------------------------------------- reading

def lines(name):
    path = os.path.join(UCD, name)
    if not os.path.exists(path):
        path += '.bz2'
    if not os.path.exists(path):
        sys.exit('make_tables.py: no %s in %s (Debian: unicode-data)' % (name, UCD))
    opener = bz2.open if path.endswith('.bz2') else open
    with opener(path, 'rt', encoding='utf-8') as f:
        for line in f:
            line = line.split('#')[0].strip() if not name.startswith('Unihan') \
                else line.rstrip('\n')
            if line and not line.startswith('#'):
                yield line


def ranged(name, want):
    """code points of a property file whose value is in want (or maps them)"""
    out = {}
    for line in lines(name):
        f = [x.strip() for x in line.split(';')]
        if f[1] in want:
            a, _, b = f[0].partition('..')
            for cp in range(int(a, 16), int(b or a, 16) + 1):
                out[cp] = f[1]
    return out


def unihan(name, fields):
    out = {k: {} for k in fields}
    for line in lines(name):
        f = line.split('\t')
        if f[1] in out:
            out[f[1]][int(f[0][2:], 16)] = f[2]
    return out


def variants(text):
    return [int(v.split('<')[0][2:], 16) for v in text.split()]


class Ucd:
    def __init__(self):
        self.gc, self.ccc, self.raw = {}, {}, {}
        first = None
        for line in lines('UnicodeData.txt'):
            f = line.split(';')
            cp = int(f[0], 16)
            span = [cp]
            if f[1].endswith(', First>'):
                first = cp
                continue
            if f[1].endswith(', Last>'):
                span = range(first, cp + 1)
            for c in span:
                self.gc[c] = f[2]
            if f[3] != '0':
                self.ccc[cp] = int(f[3])
            if f[5]:
                parts = f[5].split()
                compat = parts[0].startswith('<')
                self.raw[cp] = (compat, [int(x, 16) for x in parts[compat:]])
        excl = ranged_plain('CompositionExclusions.txt')
        self.pairs = {}
        for cp, (compat, seq) in self.raw.items():
            if (not compat and len(seq) == 2 and cp not in excl
                    and not self.ccc.get(cp) and not self.ccc.get(seq[0])):
                self.pairs[tuple(seq)] = cp
        self.nfkd = {cp: self.decompose(cp) for cp in self.raw}

    def decompose(self, cp):
        if cp not in self.raw:
            return [cp]
        out = []
        for c in self.raw[cp][1]:
            out += self.decompose(c)
        # canonical order inside one decomposition
        i = 1
        while i < len(out):
            a, b = self.ccc.get(out[i - 1], 0), self.ccc.get(out[i], 0)
            if b and a > b:
                out[i - 1], out[i] = out[i], out[i - 1]
                i = max(1, i - 1)
            else:
                i += 1
        return out


def ranged_plain(name):
    out = set()
    for line in lines(name):
        a, _, b = line.split()[0].partition('..')
        out.update(range(int(a, 16), int(b or a, 16) + 1))
    return out

# ---------------------------------------------------------------- folding

def simplified(report):
    """traditional -> simplified, by the policy at the top"""
    opencc = {}
    with open(os.path.join(HERE, 'TSCharacters.txt'), encoding='utf-8') as f:
        for line in f:
            k, v = line.rstrip('\n').split('\t')
            opencc[ord(k)] = [ord(x) for x in v.split()]
    uni = unihan('Unihan_Variants.txt', ['kSimplifiedVariant'])['kSimplifiedVariant']
    tgh = set(unihan('Unihan_OtherMappings.txt', ['kTGH'])['kTGH'])
    out = {}
    for cp in set(opencc) | set(uni):
        cand = opencc.get(cp) or [v for v in variants(uni[cp]) if v != cp] or [cp]
        best = next((v for v in cand if v in tgh), cand[0])
        if cp not in opencc and best >= 0x20000 and best not in tgh:
            continue
        if (cp in tgh or chr(cp) in KEEP) and chr(cp) not in FORCE:
            if best != cp and report:
                print('kept', chr(cp), 'not', chr(best))
            continue
        if chr(cp) in FORCE:
            best = ord(FORCE[chr(cp)])
        if best != cp:
            out[cp] = best
    for cp in out:
        seen = {cp}
        while out[cp] in out:
            if out[cp] in seen:
                sys.exit('make_tables.py: cycle at U+%04X' % cp)
            seen.add(out[cp])
            out[cp] = out[out[cp]]
    if report:
        print('%d mapped, %d by OpenCC, %d by Unihan alone' % (
            len(out), len(set(out) & set(opencc)), len(set(out) - set(opencc))))
    return out, tgh


def fold_map(ucd, simp):
    """what a character of a decomposed text becomes: case, then simplified"""
    case = {}
    for line in lines('CaseFolding.txt'):
        f = [x.strip() for x in line.split(';')]
        if f[1] in 'CF':
            case[int(f[0], 16)] = [int(x, 16) for x in f[2].split()]
    out = {}
    for cp in set(case) | set(simp):
        if cp >= LIMIT:
            assert cp not in case
            continue            # Extension G and later: too rare to carry
        if cp in ucd.nfkd:
            continue            # decomposed before it gets here
        seq, prev = [cp], None
        while seq != prev:
            prev = seq
            seq = [d for c in seq for f in case.get(c, [c]) for d in ucd.decompose(f)]
            seq = [simp.get(c, c) for c in seq]
        if seq != [cp]:
            assert all(not ucd.ccc.get(c) for c in seq), hex(cp)
            assert not ucd.ccc.get(cp) or cp == 0x345, hex(cp)
            out[cp] = seq
    return out


APOSTROPHE = set(map(ord, "'`\u2018\u2019\u201b\u2032\u02bc\u02b9"))
OPEN = set(map(ord, '([{<【〔《〈〖'))
CLOSE = set(map(ord, ')]}>】〕》〉〗'))


def properties(ucd):
    """cp -> (kind, ccc, composes backwards)"""
    ignorable = ranged('DerivedCoreProperties.txt', {'Default_Ignorable_Code_Point'})
    space = ranged('PropList.txt', {'White_Space'})
    cjk = ranged('Scripts.txt', {'Han', 'Hiragana', 'Katakana', 'Bopomofo', 'Hangul'})
    back = {b for _, b in ucd.pairs} | set(range(0x1161, 0x1176)) | set(range(0x11A8, 0x11C3))

    def kind(cp):
        gc = ucd.gc.get(cp, 'Cn')
        if cp in space:
            return 'SPACE_CONTROL' if gc == 'Cc' else 'SPACE'
        if gc in ('Cc', 'Cf'):
            return 'CONTROL'
        if cp in ignorable:
            return 'IGNORABLE'
        if cp in APOSTROPHE:
            return 'APOSTROPHE'
        if cp == 0x2E:
            return 'DOT'
        if cp == 0x26:
            return 'AMPERSAND'
        if cp in OPEN:
            return 'OPEN'
        if cp in CLOSE:
            return 'CLOSE'
        if gc[0] == 'M':
            return 'MARK'
        if gc[0] in 'PS' or gc in ('Zl', 'Zp'):
            return 'PUNCT'
        if cp in cjk or 0x3000 <= cp <= 0x33FF or gc == 'Co' or cp >= 0x20000:
            return 'CJK'
        return 'DIGIT' if gc[0] == 'N' else 'LETTER'

    return [(kind(cp), ucd.ccc.get(cp, 0), cp in back) for cp in range(LIMIT)]

# ---------------------------------------------------------------- writing

def wrap(items, width=96):
    out, line = [], '\t'
    for item in items:
        if len(line) + len(item) + 1 > width:
            out.append(line)
            line = '\t'
        line += item + ','
    out.append(line)
    return '\n'.join(out)


def array(ctype, name, values):
    return 'const %s\t%s[%d] = {\n%s\n};\n' % (
        ctype, name, len(values), wrap(str(v) for v in values))


def two_stage(name, ctype, values):
    size = 1 << SHIFT
    blocks, index = {}, []
    flat = []
    for i in range(0, len(values), size):
        block = tuple(values[i:i + size])
        if block not in blocks:
            blocks[block] = len(blocks)
            flat += block
        index.append(blocks[block])
    itype = 'uint8_t' if len(blocks) < 256 else 'uint16_t'
    return (array(itype, name + '_index', index) + '\n' + array(ctype, name + '_block', flat),
            'extern const %s %s_index[];\nextern const %s %s_block[];\n' % (itype, name, ctype, name))


class Sequences:
    def __init__(self):
        self.ids, self.offset, self.flat = {}, [0], []

    def value(self, seq):
        if len(seq) == 1 and seq[0] < SEQ or len(seq) == 1 and SEQ_END <= seq[0] < 0x10000:
            return seq[0]
        seq = tuple(seq)
        if seq not in self.ids:
            self.ids[seq] = len(self.ids)
            self.flat += seq
            self.offset.append(len(self.flat))
        v = SEQ + self.ids[seq]
        assert v < SEQ_END
        return v


HEAD = '''/*-------------------------------------------------------------------------
 *
 * %(file)s
 *		%(what)s
 *
 * GENERATED by src/lib/gen/make_tables.py: do not edit; run it again (and with
 * --check to prove that this file is current).  Its docstring says how values
 * are encoded.  Only %(user)s reads it.
 *
 * Data: %(data)s.
 * Derived and MODIFIED from them; notices and licences in src/lib/gen.
 *
 *-------------------------------------------------------------------------
 */
#include "%(header)s"

'''


def fold_table(report=False):
    ucd = Ucd()
    simp, tgh = simplified(report)
    fold = fold_map(ucd, simp)
    props = properties(ucd)
    seqs = Sequences()
    nfkd_v = [0] * LIMIT
    for cp, seq in sorted(ucd.nfkd.items()):
        nfkd_v[cp] = seqs.value(seq)
    fold_v = [0] * LIMIT
    for cp, seq in sorted(fold.items()):
        fold_v[cp] = seqs.value(seq)
    kinds = sorted(set(props))
    assert len(kinds) < 256
    number = {p: i for i, p in enumerate(kinds)}
    pairs = sorted(ucd.pairs.items())
    assert max(ucd.raw) < LIMIT and max(ucd.ccc) < LIMIT
    # pairs of the BMP as three shorts, the dozen others apart
    small = [(a, b, c) for (a, b), c in pairs if c < 0x10000 and a < 0x10000 and b < 0x10000]
    large = [(a, b, c) for (a, b), c in pairs if not (c < 0x10000 and a < 0x10000 and b < 0x10000)]
    n, _ = two_stage('leads_nfkd', 'uint16_t', nfkd_v)
    f, _ = two_stage('leads_foldto', 'uint16_t', fold_v)
    p, _ = two_stage('leads_prop', 'uint8_t', [number[x] for x in props])
    body = HEAD % {
        'file': 'fold_table.c', 'header': 'fold_table.h', 'user': 'fold.c',
        'what': 'Unicode 15.0 compatibility decomposition, composition, properties, folding',
        'data': 'Unicode Character Database and Unihan 15.0; OpenCC 1.1.6 TSCharacters'}
    body += '/* compatibility decomposition, full */\n' + n
    body += '\n/* what a character of a decomposed text folds to */\n' + f
    body += '\n/* sequence i is seq[offset[i]] .. seq[offset[i + 1] - 1] */\n'
    body += array('uint16_t', 'leads_seq_offset', seqs.offset) + '\n'
    body += array('uint32_t', 'leads_seq', seqs.flat)
    body += '\n/* property number of a character */\n' + p
    body += '\n/* kind, combining class, composes with a character before it */\n'
    body += 'const LeadsCharProp\tleads_prop_value[%d] = {\n%s\n};\n' % (
        len(kinds), '\n'.join('\t{LEADS_CHAR_%s, %d, %d},' % (k, c, b) for k, c, b in kinds))
    body += '\n/* primary composites: first, second, composite; sorted */\n'
    body += array('uint16_t', 'leads_pair', [x for t in small for x in t])
    body += 'const int\tleads_npair = %d;\n\n' % len(small)
    body += array('uint32_t', 'leads_pair_large', [x for t in large for x in t])
    body += 'const int\tleads_npair_large = %d;\n' % len(large)
    return body, simp, tgh

# ---------------------------------------------------------------- pinyin

def toneless(reading):
    """zhòng -> zhong, lǜ -> lv; None for what is no syllable (m, ng, hm)"""
    s = unicodedata.normalize('NFD', reading.strip().lower())
    s = s.replace('u\u0308', 'v').replace('e\u0302', 'e')
    s = re.sub('[^a-zv]', '', s)
    return s if re.search('[aeiouv]', s) else None


def merged(s):
    """the sound with everything that is often mixed up made equal"""
    s = re.sub('^(z|c|s)h', r'\1', s)
    s = re.sub('^n', 'l', s)
    s = re.sub('^f', 'h', s)
    return re.sub('(a|e|i)ng$', r'\1n', s)


def readings(simp):
    u = unihan('Unihan_Readings.txt',
               ['kHanyuPinlu', 'kMandarin', 'kTGHZ2013', 'kXHC1983', 'kHanyuPinyin'])
    out = {}
    for field in ('kHanyuPinyin', 'kXHC1983', 'kTGHZ2013', 'kMandarin'):
        for cp, text in u[field].items():
            first = text.split()[0].split(':')[-1].split(',')[0]
            if toneless(first):
                out[cp] = toneless(first)
    for cp, text in u['kHanyuPinlu'].items():
        count = {}
        for r, n in re.findall(r'([^\s(]+)\((\d+)\)', text):
            if toneless(r):
                count[toneless(r)] = count.get(toneless(r), 0) + int(n)
        if count:
            out[cp] = max(sorted(count), key=count.get)
    for c, r in READING.items():
        out[ord(c)] = r
    out[0x3007] = 'ling'
    # a traditional form sounds like its simplified one
    for cp, to in simp.items():
        if to in out and (cp not in out or to < 0x20000):
            out[cp] = out[to]
    return out


def others(simp, tgh, read):
    """(character, syllable) of the less common readings that a modern dictionary gives, sorted"""
    u = unihan('Unihan_Readings.txt', ['kHanyuPinlu', 'kMandarin', 'kTGHZ2013', 'kXHC1983'])
    known = set(read.values())
    out = set()
    for field in u:
        for cp, text in u[field].items():
            if not 0x3400 <= cp < 0xA000 or cp not in tgh:
                continue
            for r in re.split('[ ,:]', re.sub(r'[0-9.*()]+:?', ' ', text)):
                t = toneless(r) if r else None
                if t in known and t != read.get(cp):
                    out.add((cp, t))
    return sorted(out)


def pinyin_table(simp, tgh):
    read = readings(simp)
    names = [''] + sorted(set(read.values()))
    number = {s: i for i, s in enumerate(names)}
    smallest = {}
    for s in names[1:]:
        smallest.setdefault(merged(s), number[s])
    fuzzy = [0] + [smallest[merged(s)] for s in names[1:]]
    more = others(simp, tgh, read)
    several = {cp for cp, _ in more}
    bmp = [(number[read[cp]] if cp in read else 0) | (0x8000 if cp in several else 0) for cp in range(0x3400, 0xA000)]
    rare = [(cp, number[read[cp]]) for cp in sorted(read)
            if not 0x3400 <= cp < 0xA000 and not 0xF900 <= cp <= 0xFAFF
            and (cp < 0x3400 or cp in tgh or cp in simp.values())]
    body = HEAD % {
        'file': 'pinyin_table.c', 'header': 'pinyin_table.h', 'user': 'pinyin.c',
        'what': 'Most common Mandarin reading of Han characters, without tone',
        'data': 'Unihan 15.0 (kHanyuPinlu, kMandarin, kTGHZ2013, kXHC1983, kHanyuPinyin)'}
    body += 'const int\tleads_nsyllable = %d;\n\n' % len(names)
    body += 'const char *const leads_syllable[%d] = {\n%s\n};\n' % (
        len(names), wrap('"%s"' % s for s in names))
    body += '\n/* class of a syllable: the smallest id that is mixed up with it */\n'
    body += array('uint16_t', 'leads_syllable_class', fuzzy)
    t, _ = two_stage('leads_reading', 'uint16_t', bmp)
    body += '\n/* U+3400 .. U+9FFF; 0x8000: it has other readings too */\n' + t
    body += '\n/* the other readings: character, syllable; sorted */\n'
    body += array('uint16_t', 'leads_reading_other', [x for cp, r in more for x in (cp, number[r])])
    body += 'const int\tleads_nreading_other = %d;\n' % len(more)
    body += '\n/* beyond: code point, syllable; sorted (standard characters only) */\n'
    body += array('uint32_t', 'leads_reading_rare', [x for t in rare for x in t])
    body += 'const int\tleads_nreading_rare = %d;\n' % len(rare)
    return body

# ---------------------------------------------------------------- main

def main(argv):
    global UCD
    check = report = False
    args = list(argv)
    while args:
        a = args.pop(0)
        if a == '--check':
            check = True
        elif a == '--report':
            report = True
        elif a == '--ucd' and args:
            UCD = args.pop(0)
        else:
            sys.exit(__doc__)
    fold, simp, tgh = fold_table(report)
    made = {'fold_table.c': fold, 'pinyin_table.c': pinyin_table(simp, tgh)}
    stale = 0
    for name, text in made.items():
        path = os.path.join(LIB, name)
        old = open(path, encoding='utf-8').read() if os.path.exists(path) else None
        if check:
            ok = old == text
            stale += not ok
            print('%s is %s' % (name, 'current' if ok else 'STALE'))
        elif not report:
            with open(path, 'w', encoding='utf-8') as f:
                f.write(text)
            print('%s: %d bytes' % (name, len(text.encode())))
    return 1 if stale else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
