#!/usr/bin/env bash
# Builds pgvector from Debian's source package where the distribution has no binary one (Debian 12).
#   pgvector.sh POSTGRES_MAJOR FOLDER      leaves the built source in FOLDER/source
# Where the source comes from is derived from the machine's own apt entries.
set -eu
version=$1 folder=$2

# Upstream archives as Debian carries them, newest first: 0.8.2 and later fix index bugs of 0.8.0, which is what the release has.
pinned="
0.8.6 25c9b78cfdaa43c66788d7490246ac24e4fe1c86f19c4b60c089b723f84a4a0d
0.8.5 66bbef55c85d41bab29e0bf2a94dcec17a8f54948eb3df2dab328d8ba8275463
0.8.3 8c2de212d5d9b3a56e763d9ce7f32b9a00884f536bb4a0334bcdcc72f85a49ff
0.8.2 69f4019389af05dc1c9548deb8628e62878e6e207c03907f2b8af2016472cdaa
"

# The machine's own entry for its base suite, as "options|uri". Both formats: deb822 (*.sources) and one line (*.list).
entry=$(
    suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] || continue
        awk -v suite="$suite" '
            function finish() {
                if (types ~ /(^| )deb( |$)/ && (" " suites " ") ~ (" " suite " ") && (" " components " ") ~ / main / && enabled !~ /^no/) {
                    split(uris, uri, " ")
                    print (signed == "" ? "" : "signed-by=" signed) "|" uri[1]
                    found = 1
                    exit
                }
                types = suites = components = uris = signed = enabled = ""
            }
            /^#/ { next }
            /^[ \t]*$/ { finish(); next }
            { key = tolower($1); value = $0; sub(/^[^:]*:[ \t]*/, "", value) }
            key == "types:" { types = value }
            key == "uris:" { uris = value }
            key == "suites:" { suites = value }
            key == "components:" { components = value }
            key == "signed-by:" { signed = value }
            key == "enabled:" { enabled = value }
            END { if (!found) finish() }' "$file"
    done
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | awk -v suite="$suite" '
        $1 == "deb" {
            options = ""
            line = $0
            if (match(line, /\[[^]]*\]/)) { options = substr(line, RSTART + 1, RLENGTH - 2); line = substr(line, 1, RSTART - 1) substr(line, RSTART + RLENGTH) }
            fields = split(line, field, " ")
            main = 0
            for (i = 4; i <= fields; i++) if (field[i] == "main") main = 1
            if (field[3] == suite && main) print options "|" field[2]
        }'
)
entry=$(head -n 1 <<<"$entry")
[ -n "$entry" ] || { echo "no apt entry of this release to derive the source from" >&2; exit 1; }
options=${entry%%|*} uri=${entry#*|}
uri=${uri%/}

fetched=""
while read -r release sha256; do
    [ -n "$release" ] || continue
    if /usr/lib/apt/apt-helper download-file "$uri/pool/main/p/pgvector/pgvector_$release.orig.tar.gz" "$folder/pgvector.tar.gz" "SHA256:$sha256" &&
        echo "$sha256  $folder/pgvector.tar.gz" | sha256sum --check --quiet -; then
        fetched=$release
        break
    fi
    rm -f "$folder/pgvector.tar.gz"
done <<<"$pinned"

if [ -z "$fetched" ]; then
    # What the next release has, checked by apt against the archive's signature; the machine's own apt settings stay as they are.
    mkdir -p "$folder/apt/parts" "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial"
    echo "deb-src ${options:+[$options] }$uri trixie main" >"$folder/apt/sources.list"
    private=(-o "Dir::Etc::sourcelist=$folder/apt/sources.list" -o "Dir::Etc::sourceparts=$folder/apt/parts"
        -o "Dir::State::lists=$folder/apt/lists" -o "Dir::Cache=$folder/apt/cache" -o APT::Sandbox::User=root)
    apt-get "${private[@]}" update
    (cd "$folder" && apt-get "${private[@]}" source --download-only pgvector)
    mv "$folder"/pgvector_*.orig.tar.gz "$folder/pgvector.tar.gz"
fi

mkdir -p "$folder/source"
tar -xzf "$folder/pgvector.tar.gz" -C "$folder/source" --strip-components=1
# Without OPTFLAGS the library is tuned for the building machine alone; it must run wherever this disk image is started.
make -C "$folder/source" -j "$(nproc)" with_llvm=no OPTFLAGS="" PG_CONFIG="/usr/lib/postgresql/$version/bin/pg_config"
