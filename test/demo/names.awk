# awk -F '\t' -v d=DIRECTORY -f names.awk listed_companies.tsv: names for each role of the demo, some of zhang's
# customers on li's list by their short names.
NR == 1 { next }
NR % 3 == 2 { print $2 >d "/zhang.txt"; if (NR % 12 == 2) print $1 >d "/li.txt" }
NR % 3 == 0 { print $2 >d "/li.txt" }
NR % 3 == 1 { print $2 "\twebsite" >d "/web.txt" }
