#!/bin/bash
# router.sh start|stop|vtysh ARGUMENT...: FRR of the router, Debian's own, in the namespace "router" with a path space of its own.
set -euo pipefail
. "$(dirname "$0")/env.sh"
etc=/etc/frr/assaylab; run=/var/run/frr/assaylab
case ${1:-} in
start)
  mkdir -p $etc $run "$LOGS/router"
  cat >$etc/frr.conf <<Y
frr defaults traditional
hostname tor1
log syslog informational
!
router bgp 64512
 bgp router-id $ROUTER4
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 neighbor nodes peer-group
 neighbor nodes remote-as 64513
 neighbor nodes timers 10 30
 neighbor nodes password $LAB_PEER_PASSWORD
 bgp listen range $LAN4.0/24 peer-group nodes
 bgp listen range $SEG4.0/24 peer-group nodes
 address-family ipv4 unicast
  neighbor nodes activate
  maximum-paths 8
 exit-address-family
!
Y
  for f in vtysh zebra bgpd bfdd staticd; do touch $etc/$f.conf; done
  chown -R frr:frr $etc $run "$LOGS/router"; chmod 755 /var/run/frr
  for d in zebra staticd bfdd bgpd; do start "router.$d" router /usr/lib/frr/$d -N assaylab --log "file:$LOGS/router/$d.txt" --log-level informational; sleep 0.5; done
  wait_for 20 "FRR of the router" in_ns router vtysh -N assaylab -c 'show version'
  in_ns router vtysh -N assaylab -b
  ;;
stop) for d in bgpd bfdd staticd zebra; do stop "router.$d"; done; rm -rf $etc $run ;;
vtysh) shift; in_ns router vtysh -N assaylab "$@" ;;
*) die "router.sh start|stop|vtysh ARGUMENT..." ;;
esac
