DROP TABLE approval_votes;
DROP FUNCTION approval_votes_only_grows();
DROP TABLE approvals;
DROP TABLE allocations;
DROP TABLE budgets;
DROP TABLE contributions;
DROP TABLE funds;
DROP TABLE bank_accounts;
