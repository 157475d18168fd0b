#!/bin/bash
# Network namespaces and two segments. The bridges live in a namespace of their own ("lan"), so that the host's packet filter never
# sees the lab's packets and the bridge can drop some of them (an nft table of family bridge).
#   lan     br0 is the first segment, br1 the second
#   router  eth0 on br0, eth1 on br1, wan0 to remote
#   cp      control plane; client and stranger: on the first segment; remote: behind the router
# The host itself gets an interface on br0 (lab0), so that kubectl works from where the lab was started.
set -euo pipefail
. "$(dirname "$0")/env.sh"

mk() {
  ip netns add "$1" || die "network namespaces cannot be made here (ip netns add $1): the lab needs root with CAP_SYS_ADMIN and CAP_NET_ADMIN"
  ip -n "$1" link set lo up
  in_ns "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
}

# plug NS INTERFACE BRIDGE ADDRESS4/LEN [ADDRESS6/LEN]: a pair of virtual Ethernet ends between a namespace and a bridge.
plug() {
  local port="${1:0:10}-$2"
  ip -n lan link add "$port" type veth peer name "$2" netns "$1"
  ip -n lan link set "$port" master "$3" up
  ip -n "$1" link set "$2" up
  ip -n "$1" addr add "$4" dev "$2"
  [ -z "${5:-}" ] || ip -n "$1" addr add "$5" dev "$2" nodad
}

mk lan
for b in br0 br1; do ip -n lan link add $b type bridge forward_delay 0; ip -n lan link set $b up; done
in_ns lan sh -c 'for f in /proc/sys/net/bridge/bridge-nf-call-*; do [ ! -f $f ] || echo 0 >$f; done'

mk router; plug router eth0 br0 "$ROUTER4/24" "${LAN6}1/64"; plug router eth1 br1 "$SEG4.1/24"
mk remote; ip -n router link add wan0 type veth peer name eth0 netns remote
ip -n router link set wan0 up; ip -n router addr add "$WAN4.1/24" dev wan0; ip -n router addr add fd99::1/64 dev wan0 nodad
ip -n remote link set eth0 up; ip -n remote addr add "$WAN4.9/24" dev eth0; ip -n remote route add default via "$WAN4.1"
ip -n remote addr add fd99::9/64 dev eth0 nodad; ip -n remote -6 route add default via fd99::1
in_ns router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.fib_multipath_hash_policy=1

mk client; plug client eth0 br0 "$LAN4.9/24" "${LAN6}9/64"; plug client eth1 br1 "$SEG4.9/24"; ip -n client route add default via "$ROUTER4"
mk stranger; plug stranger eth0 br0 "$LAN4.66/24"
mk cp; plug cp eth0 br0 "$CP4/24" "${LAN6}2/64"; ip -n cp route add default via "$ROUTER4"; ip -n cp -6 route add default via "${LAN6}1"
for n in "${NODES[@]}"; do
  i=$(node_index "$n"); mk "$n"
  plug "$n" eth0 br0 "$LAN4.$i/24" "${LAN6}$i/64"; plug "$n" eth1 br1 "$SEG4.$i/24"
  ip -n "$n" route add default via "$ROUTER4"; ip -n "$n" -6 route add default via "${LAN6}1"
  in_ns "$n" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.bridge.bridge-nf-call-iptables=1
  for d in all default eth0 eth1; do in_ns "$n" sysctl -qw net.ipv4.conf.$d.rp_filter=0; done
done

ip link add lab0 type veth peer name host-lab0 netns lan
ip -n lan link set host-lab0 master br0 up; ip link set lab0 up; ip addr add "$LAN4.250/24" dev lab0
