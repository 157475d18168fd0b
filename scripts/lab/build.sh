#!/bin/bash
# Builds what the cluster needs into $ASSAY_LAB_CACHE: once Kubernetes from its Go module and an image with Debian's FRR (about ten
# minutes on two cores with nothing cached), each time the stand-ins. GOFLAGS of the caller count (-p=1 leaves a core to others).
set -euo pipefail
. "$(dirname "$0")/env.sh"
commands="kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl"

# A module of our own around k8s.io/kubernetes: that one replaces its parts by ./staging paths, which a module's
# archive lacks; the same parts are released as v0.x of the same number.
kube_module() {
  local mod; mod=$(go mod download -json "k8s.io/kubernetes@$K8S_VERSION" | sed -n 's/^\t"GoMod": "\(.*\)",\?$/\1/p')
  [ -f "$mod" ] || die "the Go module proxy has no k8s.io/kubernetes@$K8S_VERSION"
  echo "module kube"; echo
  grep -E '^go ' "$mod"; grep -E '^godebug ' "$mod" || true; echo
  echo "require k8s.io/kubernetes $K8S_VERSION"; echo
  echo "tool ("; for c in $commands; do echo "	k8s.io/kubernetes/cmd/$c"; done; echo ")"; echo
  echo "replace ("; sed -n 's#^\s*\(replace \)\?\(k8s.io/[^ ]*\) => ./staging.*#\t\2 => \2 v0.'"${K8S_VERSION#v1.}"'#p' "$mod" | sort -u; echo ")"
}

kubernetes() {
  local c p ld="-s -w" minor; minor=$(echo "$K8S_VERSION" | cut -d. -f2)
  for p in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    ld+=" -X $p.gitVersion=$K8S_VERSION -X $p.gitMajor=1 -X $p.gitMinor=$minor -X $p.gitTreeState=clean -X $p.buildDate=2026-01-01T00:00:00Z"
  done
  mkdir -p "$BIN" "$BUILD/kubernetes"; cd "$BUILD/kubernetes"
  [ -f go.mod ] || { kube_module >go.mod.new; mv go.mod.new go.mod; }
  for c in $commands; do
    [ -x "$BIN/$c" ] && continue
    step "building $c $K8S_VERSION"
    CGO_ENABLED=0 GOFLAGS="-mod=mod -buildvcs=false ${GOFLAGS:-}" go build -trimpath -ldflags "$ld" -o "$BIN/$c.new" "k8s.io/kubernetes/cmd/$c"
    mv "$BIN/$c.new" "$BIN/$c"
  done
}

# pack OUT ROOT NAME=ENTRYPOINT...: a folder as a docker-archive of one layer with several images, which `ctr images import` takes. A
# NAME needs its full form (registry/path:tag), for the kubelet looks it up so; ENTRYPOINT is a JSON list.
pack() {
  local out=$1 root=$2 tmp diff i entries="" x; shift 2
  tmp=$(mktemp -d "$out.XXXX")
  tar --numeric-owner --sort=name --mtime=@0 -C "$root" -cf "$tmp/layer.tar" .
  diff=$(sha256sum "$tmp/layer.tar" | cut -d' ' -f1); i=0
  for x in "$@"; do
    i=$((i+1))
    cat >"$tmp/$i.json" <<Y
{"architecture": "$(go env GOARCH)", "os": "linux", "created": "2026-01-01T00:00:00Z", "rootfs": {"type": "layers", "diff_ids": ["sha256:$diff"]},
 "config": {"Entrypoint": ${x#*=}, "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]}}
Y
    entries+="${entries:+, }{\"Config\": \"$i.json\", \"RepoTags\": [\"${x%%=*}\"], \"Layers\": [\"layer.tar\"]}"
  done
  echo "[$entries]" >"$tmp/manifest.json"
  tar -C "$tmp" -cf "$out.new" manifest.json layer.tar $(cd "$tmp" && ls -- *.json | grep -v manifest)
  rm -rf "$tmp"; mv "$out.new" "$out"
}

# frr_image: Debian's FRR, laid out as the pods of MetalLB expect it: the user frr is 100:101, tini in /sbin.
frr_image() {
  [ -f "$IMG/frr.tar" ] && return 0
  local d="$BUILD/frr" f; step "building the image with Debian's FRR"
  [ -x "$d/usr/bin/vtysh" ] || {
    rm -rf "$d"
    debootstrap --variant=minbase --include=frr,frr-pythontools,iproute2,tini,procps,python3-minimal "$(. /etc/os-release; echo "$VERSION_CODENAME")" "$d" >"$BUILD/debootstrap.log" 2>&1 ||
      die "debootstrap failed; see $BUILD/debootstrap.log"
  }
  rm -rf "$d"/var/cache/apt/* "$d"/var/lib/apt/lists/* "$d"/usr/share/{doc,man,locale,info,zoneinfo}/* "$d"/dev/* "$d"/usr/lib/*/perl* "$d"/usr/lib/*/gconv
  sed -i '/^frr:/d;/^_apt:/d' "$d/etc/passwd"; sed -i '/^frr:/d;/^frrvty:/d;/:x:10[0-2]:/d' "$d/etc/group"
  echo 'frr:x:100:101:frr:/var/run/frr:/bin/sh' >>"$d/etc/passwd"
  printf 'frr:x:101:\nfrrvty:x:102:frr\n' >>"$d/etc/group"
  ln -sf /usr/bin/tini "$d/usr/sbin/tini"
  printf '#!/bin/bash\nsource /usr/lib/frr/frrcommon.sh\n/usr/lib/frr/watchfrr $(daemon_list)\n' >"$d/usr/lib/frr/docker-start"
  chmod 755 "$d/usr/lib/frr/docker-start"
  for f in var/tmp/frr var/lib/frr run/frr etc/frr var/log/frr; do mkdir -p "$d/$f"; chown -R 100:101 "$d/$f"; done
  pack "$IMG/frr.tar" "$d" 'quay.io/frrouting/frr:10.4.3=[]' 'quay.io/frrouting/frr:10.5.3=[]'
}

# standin_images: the stand-ins, built from this checkout each time. The images of controller and speaker have no shell and no cat, as
# those of MetalLB; that of frr-k8s has the few programs that its init containers call.
standin_images() {
  local d="$BUILD/standin" r; step "building the stand-ins"
  rm -rf "$d"; mkdir -p "$d/plain/tmp" "$d/frr-k8s/bin" "$d/frr-k8s/tmp" "$d/pause/bin"
  (cd "$LAB_SRC" && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$d/plain/standin" ./standin)
  cp "$LAB_SRC/frr-reloader.sh" "$d/plain/"; cp -r "$d/plain/." "$d/frr-k8s/"
  for r in controller speaker cp-tool frr-metrics echo; do ln -s standin "$d/plain/$r"; done
  for r in frr-k8s frr-metrics frr-status statuscleaner; do ln -s standin "$d/frr-k8s/$r"; done
  cp "$(command -v busybox)" "$d/frr-k8s/bin/busybox"; ln -s busybox "$d/frr-k8s/bin/sh"; ln -s busybox "$d/frr-k8s/bin/cp"
  cp "$(command -v busybox)" "$d/pause/bin/busybox"
  pack "$IMG/standin.tar" "$d/plain" 'quay.io/metallb/controller:v0.16.1=["/controller"]' 'quay.io/metallb/speaker:v0.16.1=["/speaker"]' 'localhost/echo:1=["/echo"]'
  pack "$IMG/frr-k8s.tar" "$d/frr-k8s" 'quay.io/metallb/frr-k8s:v0.0.25=["/frr-k8s"]'
  pack "$IMG/pause.tar" "$d/pause" 'localhost/pause:3.10=["/bin/busybox", "sleep", "2147483647"]'
}

mkdir -p "$IMG" "$BUILD"
kubernetes
frr_image
standin_images
