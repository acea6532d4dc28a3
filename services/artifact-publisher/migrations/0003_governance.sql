-- What the header fields of an api's answers say (AMB-62): the verdict of its last run on the default
-- branch, and version and hash of the last document there.  NULL in sets from before.
ALTER TABLE artifact_set
  ADD COLUMN verdict text, ADD COLUMN version text, ADD COLUMN document_sha256 text;
