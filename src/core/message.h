/*
 * message.h - texts for people, in Chinese and English, by code.
 *
 * Evidence stores codes and arguments, never sentences, so that the same
 * decision reads in either language.
 */
#ifndef LEADS_MESSAGE_H
#define LEADS_MESSAGE_H

#include "postgres.h"

typedef struct LeadsMessage
{
	const char *code;
	const char *zh;				/* {0}, {1} … stand for the arguments */
	const char *en;
} LeadsMessage;

/* a room hands in its texts at load; the table must be static */
extern void leads_message_catalog(const LeadsMessage *table, int n);

/* the text of a code with arguments; an unknown code is returned as it is */
extern char *leads_message(const char *lang, const char *code, int nargs, const char *const *args);
extern char *leads_message0(const char *lang, const char *code);
extern char *leads_message1(const char *lang, const char *code, const char *a0);
extern char *leads_message2(const char *lang, const char *code, const char *a0, const char *a1);
/* a text of somebody's for a message, cut between characters */
extern char *leads_clip(const char *s, int most_bytes);
/* an instant for people: business zone, to the minute */
extern char *leads_message_time(const char *zone, int64 at);

#endif							/* LEADS_MESSAGE_H */
