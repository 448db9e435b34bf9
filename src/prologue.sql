\echo Use "CREATE EXTENSION pg_leads" to load this file. \quit
