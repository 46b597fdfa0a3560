#!/usr/bin/env bash
# Builds OnCell.LLamaSharp in full and runs its tests with the real weights of eng/models.sh --chat.
#   eng/llamasharp.sh [FEED [NATIVES]]
# FEED is a folder or address with the package LLamaSharp, where the configured feeds have none; its version is 0.28.0, or what
# the variable LLAMASHARP_VERSION says. NATIVES is a folder of llama.cpp's libraries (libllama.so, libggml*.so) that this version
# of LLamaSharp was made for; without it the package LLamaSharp.Backend.Cpu is used. With --bench before them, the local models of
# `./bench agents` are measured instead, this one among them.
set -euo pipefail
cd "$(dirname "$0")/.."
bench=false
if [ "${1:-}" = --bench ]; then bench=true; shift; fi
options=(-p:OnCellLLamaSharp=true)
[ -z "${LLAMASHARP_VERSION:-}" ] || options+=("-p:LLamaSharpVersion=$LLAMASHARP_VERSION")
[ -z "${1:-}" ] || options+=("-p:RestoreAdditionalProjectSources=$1")
if [ -n "${2:-}" ]; then
  ONCELL_LLAMA_NATIVES=$(realpath "$2"); export ONCELL_LLAMA_NATIVES
  options+=(-p:LLamaNatives=given)
fi
eng/models.sh --chat >/dev/null
if $bench; then
  dotnet build benchmarks/OnCell.Benchmarks -c Release -v quiet -nologo "${options[@]}"
  exec benchmarks/OnCell.Benchmarks/bin/Release/net10.0/linux-x64/OnCell.Benchmarks agents --models-only
fi
dotnet build tests/OnCell.LLamaSharp.Tests -c Release -v quiet -nologo "${options[@]}"
exec tests/OnCell.LLamaSharp.Tests/bin/Release/net10.0/linux-x64/OnCell.LLamaSharp.Tests --no-ansi --progress off
