#!/usr/bin/env bash
# taplo 0.9.3 (PyPI), `taplo lint --schema`: one unknown key in a table whose schema has "additionalProperties": false is reported not
# once but at the table and at every key, value and sub-table below it. In a file of six lines: eleven errors with the same words, of
# which two stand at the line of the unknown key; known keys, and a correct [front], are underlined too, so an editor marks the whole file.
# Cure: read the name in the message, not the line; count the distinct messages. A wrong type is reported once, at its place.
# Seen: 11 errors at lines 1 1 1 2 2 3 3 5 5 6 6 for the unknown key, 1 at line 2 for the wrong type. Fails if that changes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"; "$folder/venv/bin/pip" install -q taplo==0.9.3
cat > "$folder/schema.json" <<'J'
{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "additionalProperties": false, "properties": {
  "name": {"type": "string"}, "days": {"type": "integer"},
  "front": {"type": "object", "additionalProperties": false, "properties": {"km": {"type": "number"}}}}}
J
printf 'name = "x"\ndays = 3\ndayz = 5\n\n[front]\nkm = 4\n' > "$folder/unknown.toml"
printf 'name = "x"\ndays = "3"\n\n[front]\nkm = 4\n' > "$folder/type.toml"
printf 'name = "x"\ndays = 3\n\n[front]\nkm = 4\n' > "$folder/right.toml"
lines() { ("$folder/venv/bin/taplo" lint --schema "file://$folder/schema.json" "$folder/$1.toml" 2>&1 || true) | grep -o "$1.toml:[0-9]*" | cut -d: -f2 | tr '\n' ' ' || true; }
unknown=$(lines unknown) type=$(lines type) right=$(lines right)
echo "unknown key (line 3): errors at lines $unknown; wrong type (line 2): $type; nothing wrong: ${right:-none}"
[ "$unknown" = "1 1 1 2 2 3 3 5 5 6 6 " ] && [ "$type" = "2 " ] && [ -z "$right" ]
