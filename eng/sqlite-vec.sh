#!/usr/bin/env bash
# Fetches the natives of sqlite-vec anew from the configured npm registry into src/OnCell.Index/runtimes, and checks their hashes.
# A build does not need this: the natives are committed. For another version, change VERSION here and the hashes in SHA256SUMS and
# SqliteVec.cs.
set -euo pipefail
cd "$(dirname "$0")/../src/OnCell.Index/runtimes"
readonly VERSION=0.1.9
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
fetch() { # npm platform, runtime identifier, file
  npm pack --silent --pack-destination "$folder" "sqlite-vec-$1@$VERSION" >/dev/null
  mkdir -p "$2/native"
  tar -xzOf "$folder/sqlite-vec-$1-$VERSION.tgz" "package/$3" > "$2/native/$3"
}
fetch linux-x64 linux-x64 vec0.so
fetch linux-arm64 linux-arm64 vec0.so
fetch darwin-x64 osx-x64 vec0.dylib
fetch darwin-arm64 osx-arm64 vec0.dylib
fetch windows-x64 win-x64 vec0.dll
sha256sum --check --quiet SHA256SUMS
echo "sqlite-vec $VERSION: five natives, hashes as pinned"
