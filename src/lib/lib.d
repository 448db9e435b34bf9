src/lib/lib.o: src/lib/lib.c src/lib/lib.h
src/lib/lib.h:
