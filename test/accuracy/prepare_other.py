#!/usr/bin/env python3
"""Lays out splink's persons and the restaurants as records for accuracy.c: prepare_other.py DATA OUT

OUT gets persons.csv, restaurants.csv and febrl1.csv to febrl4.csv: id, cluster, name, contact, phone, mail.  Of FEBRL that
is the name alone: it tells persons by street, birth date and a number, none of which the judge of identity knows.
"""
import csv
import os
import subprocess
import sys

data, out = sys.argv[1], sys.argv[2]


def read(name):
    with open(os.path.join(data, name), encoding='utf-8', newline='') as f:
        return list(csv.DictReader(f))


def write(name, rows):
    with open(os.path.join(out, name), 'w', encoding='utf-8', newline='') as f:
        csv.writer(f).writerows([('id', 'cluster', 'name', 'contact', 'phone', 'mail')] + rows)


write('persons.csv', [(r['unique_id'], r['cluster'], (r['first_name'] + ' ' + r['surname']).strip(), '', '', r['email'])
                      for r in read('splink_fake_1000.csv')])
same = {r['zagats_id']: r['fodors_id'] for r in read('restaurants_match_fodors_zagats_more_attrs.csv') if r['gold'] == '1'}
write('restaurants.csv',
      [('f' + r['id'], 'f' + r['id'], r['name'], '', r['phone'], '') for r in read('restaurants_fodors.csv')] +
      [('z' + r['id'], 'f' + same[r['id']] if r['id'] in same else 'z' + r['id'], r['name'], '', r['phone'], '')
       for r in read('restaurants_zagats.csv')])
for n, files in ((1, '1'), (2, '2'), (3, '3'), (4, ('4a', '4b'))):
    rows = []
    for f in files:
        text = subprocess.run(['zstd', '-dcq', os.path.join(data, 'febrl_dataset%s.csv.zst' % f)], check=True,
                              capture_output=True, text=True).stdout
        rows += csv.DictReader(text.split('\n'), skipinitialspace=True)
    write('febrl%d.csv' % n, [(r['rec_id'], r['rec_id'].split('-')[1],
                              ((r['given_name'] or '') + ' ' + (r['surname'] or '')).strip(), '', '', '') for r in rows])
