#!/usr/bin/env bash
# Checks the CUDA device of this machine: features against the CPU's, and images a second against bare ONNX Runtime. See README.md.
# Exit codes: 0 all goals reached, 1 a goal missed, 2 wrong usage, 3 it cannot run, 4 there is no device.
set -u
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd -P)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
bash "$root/infra/local/build.sh" bench || exit 3
exec dotnet "$root/tests/Benchmarks/bin/Release/net10.0/CpfPipeline.Tests.Benchmarks.dll" device "$@"
