#!/usr/bin/env python3
"""Lays out base and queries for accuracy.c from the developer data: prepare.py DATA OUT SIZE

Protocol (issue 3): base = names of cn_company_names and the targets of the pair files, less newcomers and
queries, ordered by md5(name), targets first; queries = 40 % corrupted, 15 % listed short names, 15 % gold,
30 % newcomers, the test set; everything else of the same files is the training set.
OUT gets base.txt, test.tsv, train.tsv (query, target or nothing, kind) and pairs.tsv (name, name, same, kind, half).
"""
import hashlib
import os
import subprocess
import sys

data, out, size = sys.argv[1], sys.argv[2], int(sys.argv[3])


def rows(name, header=True):
    if name.endswith('.zst'):
        text = subprocess.run(['zstd', '-dc', os.path.join(data, name)], check=True, capture_output=True).stdout.decode()
    else:
        text = open(os.path.join(data, name), encoding='utf-8').read()
    lines = text.split('\n')[1 if header else 0:]
    return [l.split('\t') for l in lines if l]


def md5(s):
    return hashlib.md5(s.encode()).digest()


def half(s):
    """its own hash: the files were cut by md5 themselves"""
    return md5('half ' + s)[5] & 1


gold = rows('pairs_cn_gold_dev.tsv')
short = sorted(rows('pairs_cn_listed_short_full_dev.tsv'), key=lambda r: md5(r[0]))
corrupted = sorted(rows('pairs_cn_corrupted_dev.tsv'), key=lambda r: md5(r[0]))
new = sorted((r[0] for r in rows('newcomers_cn_dev.tsv')), key=md5)
hard = rows('hard_negatives_cn_dev.tsv')

n = len(gold)
test = [(a, b if same == '1' else '', 'gold' if same == '1' else 'gold0') for a, b, same in gold]
test += [(r[0], r[1], 'short') for r in short[:n]]
test += [(r[0], r[1], r[2]) for r in corrupted[:n * 40 // 15]]
test += [(q, '', 'new') for q in new[:2 * n]]
train = [(r[0], r[1], 'short') for r in short[n:] if not half(r[1])]
train += [(r[0], r[1], r[2]) for r in corrupted[n * 40 // 15:] if not half(r[1])]
train += [(q, '', 'new') for q in new[2 * n:]]

# the half of a pair: 0 trains and sets thresholds, 1 is only ever reported on
pairs = [(a, b, s, 'gold') for a, b, s in gold]
pairs += [(r[0], r[1], '1', r[2]) for r in corrupted]
pairs += [(r[0], r[1], '0', r[2]) for r in hard]
pairs = [p + (str(half(p[1])),) for p in pairs]

targets = {t for _, t, _ in test + train if t} | {r[1] for r in short} | {r[1] for r in corrupted}
leave = ({q for q, _, _ in test + train} | {r[0] for r in short} | {r[0] for r in corrupted} | set(new)) - targets
base = sorted(targets, key=md5)
if size > len(base):
    names = {r[0] for r in rows('cn_company_names_1930k.tsv.zst')} - leave - targets
    base += [x for _, x in sorted((md5(x), x) for x in names)[:size - len(base)]]

os.makedirs(out, exist_ok=True)
for name, lines in (('base.txt', base), ('test.tsv', map('\t'.join, test)), ('train.tsv', map('\t'.join, train)),
                    ('pairs.tsv', map('\t'.join, pairs))):
    with open(os.path.join(out, name), 'w', encoding='utf-8') as f:
        f.write('\n'.join(lines) + '\n')
