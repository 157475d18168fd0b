#!/usr/bin/env bash
# Makes an archive of kubectl-assay for each platform, their checksums, and the krew manifest that names them, in bin/release.
set -euo pipefail
cd "$(dirname "$0")/../.."
GO="${GO:-go}"
VERSION="${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo v0.0.0)}"
out=bin/release
rm -rf "$out"
mkdir -p "$out"
for platform in ${PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64}; do
	os=${platform%/*} arch=${platform#*/}
	program=kubectl-assay
	[ "$os" = windows ] && program=kubectl-assay.exe
	dir=$(mktemp -d)
	CGO_ENABLED=0 GOOS=$os GOARCH=$arch "$GO" build -trimpath -ldflags "-s -w" -o "$dir/$program" ./cmd/kubectl-assay
	cp LICENSE "$dir/"
	# the same bytes for the same sources: no times, no owners
	tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$dir" -cf - LICENSE "$program" | gzip -n -9 >"$out/kubectl-assay_${os}_${arch}.tar.gz"
	rm -rf "$dir"
done
(cd "$out" && sha256sum ./*.tar.gz | sed 's, \./, ,' >checksums.txt)
"$GO" run ./scripts/release -version "$VERSION" -dir "$out" >"$out/assay.yaml"
echo "$out:"
ls -l "$out"
