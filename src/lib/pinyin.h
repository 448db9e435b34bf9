/*-------------------------------------------------------------------------
 *
 * pinyin.h
 *		The most common Mandarin reading of a Han character, without tone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_PINYIN_H
#define LEADS_PINYIN_H

#include "lib.h"

/* Syllable id of the most common reading without tone; 0 = none. */
extern uint16_t leads_pinyin(uint32_t cp);

/* Its other readings (盛 cheng, 万 mo), at most so many; returns how many. */
#define LEADS_PINYIN_OTHERS 6
extern int	leads_pinyin_others(uint32_t cp, uint16_t *out);
/* has it any? */
extern bool leads_pinyin_several(uint32_t cp);

/*
 * Class id of a syllable: syllables that people mix up (zh/z ch/c sh/s n/l
 * an/ang en/eng in/ing f/h) share one.  The id is the smallest syllable id of
 * the class, so leads_pinyin_text() names it too.  0 for 0 or an unknown id.
 */
extern uint16_t leads_pinyin_fuzzy(uint16_t syl);

/* "zhong"; "lv" for lü; "" for 0 or an unknown id.  Static storage. */
extern const char *leads_pinyin_text(uint16_t syl);

#endif							/* LEADS_PINYIN_H */
