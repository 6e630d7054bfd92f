#!/usr/bin/env bash
# Writes docs/, which the registries show, from the provider's schema and the examples:
#
#   scripts/docs.sh          # writes docs/
#   scripts/docs.sh --check  # fails if docs/ is not what would be written
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }
die() { say "error: $*"; exit 1; }

readonly binary=build/release/terraform-provider-wandb
[[ -x $binary ]] || die "$binary is missing; run: make"
command -v jq >/dev/null || die 'jq is missing; run: make deps'
tofu=$(scripts/install-tools.sh tofu)/tofu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/tofu.rc" <<RC
provider_installation {
  dev_overrides {
    "wandb/wandb" = "$PWD/build/release"
  }
  direct {}
}
RC
cat >"$work/main.tf" <<'HCL'
terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}
HCL
say 'reading the schema'
(cd "$work" && TF_CLI_CONFIG_FILE=$work/tofu.rc CHECKPOINT_DISABLE=1 "$tofu" providers schema -json >schema.json)

# Markdown of the block that the filter $1 selects.
block() {
  jq -r --arg select "$1" '
    def type_name:
      if type == "string" then
        if . == "dynamic" then "any" elif . == "bool" then "boolean" else . end
      elif .[0] == "object" then "object" else "\(.[0]) of \(.[1] | type_name)" end;
    def nested_name:
      if .nesting_mode == "single" then "object" else "\(.nesting_mode) of objects" end;
    def row($indent):
      . as $entry | .value as $a
      | ([ if $a.nested_type then $a.nested_type | nested_name else $a.type | type_name end,
           if $a.required then "required" else empty end,
           if $a.sensitive then "sensitive" else empty end ] | join(", ")) as $notes
      | "\($indent)- `\(.key)` (\($notes)) \($a.description // "")",
        (if $a.nested_type
         then $a.nested_type.attributes | to_entries[] | row($indent + "  ") else empty end);
    def section($title; $rows): if ($rows | length) > 0 then "### \($title)\n", $rows[], "" else empty end;
    def writable: .value.required or .value.optional;

    .provider_schemas | to_entries[0].value
    | (if $select == "provider" then .provider else .resource_schemas[$select] // .data_source_schemas[$select] end).block
    | (.attributes | to_entries) as $attributes
    | section("Required"; [$attributes[] | select(.value.required) | row("")]),
      section("Optional"; [
        ($attributes[] | select(.value.optional) | row("")),
        ((.block_types // {}) | to_entries[]
         | "- `\(.key)` (block) \(.value.block.description // "")",
           (.value.block.attributes | to_entries[] | row("  "))) ]),
      section("Read-only"; [$attributes[] | select(writable | not) | row("")])
    ' "$work/schema.json"
}

description() {
  jq -r --arg select "$1" '.provider_schemas | to_entries[0].value
    | (if $select == "provider" then .provider else .resource_schemas[$select] // .data_source_schemas[$select] end).block.description // ""' \
    "$work/schema.json"
}

# The block of the example that begins with $1.
example_of() {
  awk -v header="$1" 'index($0, header) == 1 { on = 1 } on { print } on && (/^}/ || /{}$/) { exit }' \
    examples/complete/main.tf
}

code() { printf '```terraform\n%s\n```\n\n' "$1"; }

new=$work/docs
mkdir -p "$new/resources"
{
  printf -- '---\npage_title: "Provider: wandb"\ndescription: |-\n  %s\n---\n\n# wandb provider\n\n%s\n\n' \
    "$(description provider)" "$(description provider)"
  printf '## Example\n\n'
  code "$(cat examples/complete/main.tf)"
  printf 'The file `release.json` is what the release channel serves; it is beside this example in the repository.\n\n'
  printf '## Arguments\n\n'
  block provider
} >"$new/index.md"

for resource in operator instance; do
  say "docs/resources/$resource.md"
  {
    printf -- '---\npage_title: "wandb_%s"\ndescription: |-\n  %s\n---\n\n# wandb_%s\n\n%s\n\n## Example\n\n' \
      "$resource" "$(description "wandb_$resource")" "$resource" "$(description "wandb_$resource")"
    code "$(example_of "resource \"wandb_$resource\" ")"
    printf '## Schema\n\n'
    block "wandb_$resource"
    namespace=default
    [[ $resource == instance ]] || namespace=wandb
    printf '## Import\n\nBy `namespace/name`:\n\n```shell\ntofu import wandb_%s.this %s/wandb\n```\n' \
      "$resource" "$namespace"
  } >"$new/resources/$resource.md"
done
# $1: kind of page, $2: name, $3: title, $4: description, $5: example
head_of() {
  printf -- '---\npage_title: "%s"\ndescription: |-\n  %s\n---\n\n# %s\n\n%s\n\n## Example\n\n' "$3" "$4" "$3" "$4"
  code "$(cat "$5")"
}

mkdir -p "$new/data-sources" "$new/functions"
for source in effective_spec legacy_values release_channel; do
  say "docs/data-sources/$source.md"
  {
    head_of data-sources "$source" "wandb_$source" "$(description "wandb_$source")" \
      "examples/data-sources/$source/main.tf"
    printf '## Schema\n\n'
    block "wandb_$source"
  } >"$new/data-sources/$source.md"
done
for function in $(jq -r '.provider_schemas | to_entries[0].value.functions | keys[]' "$work/schema.json"); do
  say "docs/functions/$function.md"
  {
    head_of functions "$function" "$function" \
      "$(jq -r --arg f "$function" '.provider_schemas | to_entries[0].value.functions[$f].description' "$work/schema.json")" \
      "examples/functions/$function/main.tf"
    printf 'Terraform has functions of providers from 1.8 on, OpenTofu from 1.7 on. `terraform console` can call them, `tofu console` cannot.\n\n## Arguments\n\n'
    jq -r --arg f "$function" '.provider_schemas | to_entries[0].value.functions[$f]
      | ((.parameters // [])[] | "- `\(.name)` \(.description // "")"),
        (.variadic_parameter // empty | "- `\(.name)...` \(.description // "")")' "$work/schema.json"
  } >"$new/functions/$function.md"
done
# One newline at the end of each.
find "$new" -name '*.md' -exec sed -i -e :a -e '/^\n*$/{$d;N;ba' -e '}' {} +

# Written by hand; a unit test keeps the findings in step with the code.
cp -r docs/guides "$new/"
if [[ ${1:-} == --check ]]; then
  diff -ru docs "$new" >&2 || die 'docs/ is out of date; run: make docs'
  say 'docs/ is up to date'
else
  cp -r "$new/." docs/
  say 'wrote docs/'
fi
