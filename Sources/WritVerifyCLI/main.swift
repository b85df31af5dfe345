// The auditor.
