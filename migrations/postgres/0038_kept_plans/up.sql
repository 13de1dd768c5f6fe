-- The statements inside ledger_post keep one plan each, whatever is handed in. Left to itself the
-- server plans them anew at every call, for an array's length makes each call look unlike the last:
-- a third of the call's time went there. All of them go by a unique key or only insert, so that no
-- other plan would be better.
ALTER FUNCTION ledger_post SET plan_cache_mode = force_generic_plan;
