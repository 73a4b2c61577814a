#!/usr/bin/env bash
# Writes sbom.json (CycloneDX 1.6) and LICENSES.md anew, from what the restored projects use. Run it when a lock file has changed; a test
# (SbomTests) says when that is. The packages must have been restored: infra/cpf test does that. Needs jq.
set -eu
shopt -s nullglob
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
command -v jq >/dev/null || { echo "cpf: install the package jq" >&2; exit 3; }
version=6.3.1
tool=.cpf/tools/cyclonedx-$version
[ -x "$tool/dotnet-CycloneDX" ] || dotnet tool install CycloneDX --version $version --tool-path "$tool" >&2
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
options=(-F Json --no-serial-number --disable-package-restore --spec-version 1.6 --set-name CpfPipeline --set-version 0.1.0)
"$tool/dotnet-CycloneDX" CpfPipeline.sln -o "$made" -fn all.json "${options[@]}" >&2
jq -n '[inputs.dependencies[] | to_entries[] | .key + "@" + (.value.resolved // "")] | unique' \
    {Contracts/*,Ingest,Embedder,Matcher,Trainer,Trainer/*,infra/*}/packages.lock.json >"$made/product.json"

# Time and order would change without a reason. What only tests use is no part of the product. Where a package has a file instead of a
# licence's name, licences.json says what the file is.
jq --slurpfile product "$made/product.json" --slurpfile known infra/sbom/licences.json --slurpfile native infra/sbom/native.json '
    del(.metadata.timestamp)
    | .components |= (map(
        .name as $name
        | .scope = (if "\(.name)@\(.version)" | IN($product[0][]) then "required" else "excluded" end)
        | if $known[0][$name] then .licenses = [{license: {id: $known[0][$name].id}}] else . end
        | del(.authors, .copyright)) + $native[0] | sort_by(."bom-ref"))
    | .dependencies |= (map(if .dependsOn then .dependsOn |= sort else . end) | sort_by(.ref))' "$made/all.json" >"$made/sbom.json"

{
    echo "# Licences of what this is built from"
    echo
    echo "Made by \`infra/sbom/make.sh\` from [sbom.json](sbom.json); a test compares it with the lock files. More than one licence: any of them may be chosen."
    echo "Licences of the demonstration's pictures: [infra/demo](../demo/LICENSES.md). Notices: [NOTICE](../../NOTICE)."
    echo
    echo "| what | version | licence | used by |"
    echo "|---|---|---|---|"
    jq -r '.components[] | "| \(.name) | \(.version // "the system'"'"'s or the package'"'"'s") | \(.licenses | map(.license.id // .expression) | join(", ")) | \(if .scope == "required" then "the product" else "tests" end) |"' \
        "$made/sbom.json"
} >"$made/LICENSES.md"
cp "$made/sbom.json" "$made/LICENSES.md" infra/sbom/ # Both are whole: what is there is not lost by a fault before.
