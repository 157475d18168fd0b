package clean

import "strings"

// ordinary are words that stand in texts without being secrets, in small letters: whoever uses one as a password has it removed where
// it stands as one, and nowhere else.
var ordinary = func() map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(`
		true false null none yes no on off nil default enable enabled disable disabled auto manual
		password passwd passphrase secret secrets secretkey token tokens bearer basic authorization auth key keys private public certificate credential credentials removed redacted retracted
		admin administrator root user username guest login test testing demo example sample change changeme changed welcome letmein qwerty master manager operator
		metallb metallb-system metallb-io speaker controller frr frr-k8s frrk8s frr-k8s-system memberlist reloader metrics webhook operator-system kube-system kube-public kube-proxy kubernetes kubectl kubelet
		cluster local service services node nodes worker workers control-plane controlplane namespace namespaces pod pods container containers image images name names labels label annotation annotations
		metadata spec status kind type object objects event events list items item data string value values version config configmap configuration file files path host hostname server client
		address addresses pool pools peer peers neighbor neighbors router routers route routes network networks subnet interface interfaces bridge ethernet loopback vlan bond gateway prefix prefixes
		session sessions established connect active idle opensent openconfirm down connected timeout received sent sending message messages open keepalive update notification hold holdtime timer timers
		unicast multicast ipv4 ipv6 bgpd zebra bfdd vtysh watchfrr staticd ospf ospfd isis bird cisco juniper arista mikrotik nokia huawei cumulus sonic vyos quagga gobgp openbgpd linux ubuntu debian
		community communities local-preference aggregation advertisement advertisements announce announced announcing withdraw withdrawn allocated assigned unassigned
		info debug warn warning error errors fatal notice alert critical level caller component failed failure success successful ready running pending waiting terminated started starting stopped stopping
		created creating deleted deleting updated updating added adding modified normal unknown unset mismatch missing invalid valid wrong correct empty expired required
		this that with from have been will were when what which where while there their they them then than some such each every more most other others another only over under after before between into
		about again against also already always because both cannot could does doing done down during else ever first last never next once same should since still until upon very without within would your
		about port ports protocol protocols time date year month week hour minute second seconds number count total size length index state reason text line lines page test production prod staging
		apps batch core eth0 ens192 ens3 eno1 br-lan http https grpc localhost home office lab datacenter rack rack1 rack2 zone region east west north south primary secondary spine leaf leaf1 leaf2 tor tor1 tor2 core1 core2 edge
		router1 router2 router-id peer1 peer2 node1 node2 node3 node-1 node-2 node-3 worker1 worker2 worker-1 worker-2 worker-3 worker-01 worker-02 master-1 control-plane-1 bgp-peer bgppeer`) {
		all[w] = true
	}
	return all
}()
