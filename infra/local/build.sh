#!/usr/bin/env bash
# Builds what a verb needs, in Release, unless nothing changed since the last time.
#   build.sh cli|services|trainer|tests|bench
# Environment: Torch (Cpu or Cuda).
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
set_name=$1
say() { echo "cpf: $*" >&2; }

case $set_name in
    cli) target=infra/Cli/Cli.csproj made=(infra/Cli) within="cli services tests bench" ;;
    services) target=infra/local/services.slnf made=(infra/Cli Ingest Embedder Matcher Matcher/Joiner Trainer) within="services tests bench" ;;
    trainer) target=Trainer/Trainer.csproj made=(Trainer) within="trainer services tests bench" ;;
    bench) target=tests/Benchmarks/Benchmarks.csproj made=(infra/Cli Ingest Embedder Matcher Trainer) within="bench tests" ;;
    tests) target=CpfPipeline.sln made=(infra/Cli Ingest Embedder Matcher Matcher/Joiner Trainer) within="tests" ;;
    *) echo "build.sh: unknown set $set_name" >&2; exit 2 ;;
esac

# The stamps lie with the build outputs they speak of, not with the state folder: two state folders may share a checkout.
stamps=$root/.cpf/build
mkdir -p "$stamps" && chmod 711 "$root/.cpf" && chmod 700 "$stamps" # who may read the lock there may hold it
exec 9>"$stamps/lock"
flock 9

torch=${Torch:-Cpu}
cd "$root" || exit 3
sources=$(
    echo "$torch"
    find Contracts Ingest Embedder Matcher Trainer infra/CommandLine infra/Cli infra/build infra/sql/reader.sql infra/demo/pictures \
        infra/local/services.slnf tests \
        \( -name bin -o -name obj -o -name TestResults -o -name results \) -prune -o -type f -printf '%p %s %T@\n' 2>/dev/null | sort
    find . -maxdepth 1 -type f \( -name '*.props' -o -name '*.targets' -o -name '*.sln' -o -name 'global.json' -o -name '.editorconfig' -o -name 'BannedSymbols.txt' \) -printf '%p %s %T@\n' | sort
)
stamp=$(sha256sum <<<"$sources" | cut -d' ' -f1)
for name in $within; do
    if [ "$(cat "$stamps/$name" 2>/dev/null)" = "$stamp" ]; then
        there=true
        for project in "${made[@]}"; do [ -f "$project/bin/Release/net10.0/CpfPipeline.$(basename "$project").dll" ] || there=false; done
        if $there; then exit 0; fi
    fi
done

dotnet --list-sdks 2>/dev/null | grep -q '^10\.' || { say "install the .NET 10 SDK (package dotnet-sdk-10.0)"; exit 3; }

# A build writes into files in place, also into libraries that a running service has mapped. Such a service keeps the old files.
for project in "${made[@]}"; do
    folder=$project/bin/Release/net10.0
    if [ -d "$folder" ] && grep -qsF "$root/$folder/" /proc/[0-9]*/cmdline; then
        rm -rf "$folder.cpf-new" && cp -a "$folder" "$folder.cpf-new" && rm -rf "$folder" && mv "$folder.cpf-new" "$folder" || exit 3
    fi
done

rm -f "$stamps"/cli "$stamps"/services "$stamps"/trainer "$stamps"/tests "$stamps"/bench
log=$root/.cpf/logs/build.log
mkdir -p "$(dirname "$log")"
say "building (log: $log)"
# Helpers of the build that would stay behind: the compiler's server gets a name of our own, to be found again below; MSBuild's
# nodes end with the build. Packages are the locked ones; advisories are no reason not to start.
name=cpf-$$-$(date +%s)
end_helpers() {
    local file pid
    for file in $(grep -lsF "$name" /proc/[0-9]*/cmdline); do
        pid=${file#/proc/}
        kill "${pid%/cmdline}" 2>/dev/null
    done
}
trap end_helpers EXIT
trap 'exit 3' INT TERM HUP
options=(-c Release -nologo -v minimal -nodeReuse:false -p:UseSharedCompilation=true "-p:SharedCompilationId=$name" -p:NuGetAudit=false "-p:Torch=$torch")
[ "$torch" != Cpu ] || options+=(-p:RestoreLockedMode=true)
DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 \
    dotnet build "$target" "${options[@]}" >"$log" 2>&1 </dev/null 9>&-
code=$?
if [ $code != 0 ]; then
    grep -E '(error|warning) [A-Z]+[0-9]+' "$log" | sed 's/ \[[^]]*\]$//' | sort -u | head -n 20 >&2
    say "the build failed (log: $log)"
    exit 3
fi
echo "$stamp" >"$stamps/$set_name"
