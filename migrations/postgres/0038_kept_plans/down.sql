ALTER FUNCTION ledger_post RESET plan_cache_mode;
