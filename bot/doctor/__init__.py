"""The doctor's questions: what keeps this gonogo from working, and the mend. Each answers with findings."""
