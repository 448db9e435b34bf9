/*-------------------------------------------------------------------------
 *
 * pinyin_table.h
 *		Shape of the generated tables in pinyin_table.c.  Only pinyin.c reads
 *		them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_PINYIN_TABLE_H
#define LEADS_PINYIN_TABLE_H

#include "lib.h"

extern const int leads_nsyllable;
extern const char *const leads_syllable[];
extern const uint16_t leads_syllable_class[];
extern const uint16_t leads_reading_index[];
extern const uint16_t leads_reading_block[];
extern const uint16_t leads_reading_other[];
extern const int leads_nreading_other;
extern const uint32_t leads_reading_rare[];
extern const int leads_nreading_rare;

#endif							/* LEADS_PINYIN_TABLE_H */
