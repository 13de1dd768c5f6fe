DROP TABLE approval_votes;
DROP TABLE approvals;
DROP TABLE allocations;
DROP TABLE budgets;
DROP TABLE contributions;
DROP TABLE funds;
DROP TABLE bank_accounts;
