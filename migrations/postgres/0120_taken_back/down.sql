DROP INDEX tranches_taken_back_ix;
