/* the parts of accuracy.c that need records with all fields, and Latin names */
static void crm(const char *file){(void) file;}
static void latin(const char *file){(void) file;}
