# MetalLB's workloads with the names, labels, containers, ports, arguments, probes and volumes of v0.16.1. $CONTROLLER and $SPEAKER are the
# names, $CTRL_LABELS and $SPKR_LABELS the pods' labels, $BGP_TYPE is METALLB_BGP_TYPE ("" for native). Probes
# have more time than MetalLB gives them: three nodes and whoever builds beside them share few cores.
probe() { # probe KIND PORT PATH [SCHEME] [HOST]
  echo "        $1: {timeoutSeconds: 10, failureThreshold: 3, initialDelaySeconds: ${6:-10}, periodSeconds: 10, httpGet: {path: $3, port: $2${4:+, scheme: $4}${5:+, host: $5}}}"
}

bgp_type() { [ -z "$BGP_TYPE" ] || echo "        - {name: METALLB_BGP_TYPE, value: $BGP_TYPE}"; }

controller() {
  cat <<Y
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: $CONTROLLER, namespace: $NS, labels: {$CTRL_LABELS}}
spec:
  revisionHistoryLimit: 3
  selector: {matchLabels: {$CTRL_LABELS}}
  template:
    metadata: {labels: {$CTRL_LABELS}, annotations: {prometheus.io/port: "9120", prometheus.io/scrape: "true"}}
    spec:
      serviceAccountName: $CONTROLLER
      terminationGracePeriodSeconds: 0
      nodeSelector: {kubernetes.io/os: linux}
      securityContext: {runAsNonRoot: true, runAsUser: 65534, fsGroup: 65534}
      volumes: [{name: cert, secret: {secretName: metallb-webhook-cert}}]
      containers:
      - name: controller
        image: quay.io/metallb/controller:v0.16.1
        args: [--port=9120, --log-level=$LAB_LOG_LEVEL]
        env:
$(bgp_type)
        - {name: METALLB_POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: METALLB_ML_SECRET_NAME, value: $MEMBERS}
        - {name: METALLB_DEPLOYMENT, value: $CONTROLLER}
        ports: [{name: metricshttps, containerPort: 9120}, {name: webhook-server, containerPort: 9443}]
$(probe livenessProbe 17472 /healthz; probe readinessProbe 17472 /readyz)
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, readOnlyRootFilesystem: true}
        volumeMounts: [{name: cert, mountPath: /tmp/k8s-webhook-server/serving-certs, readOnly: true}]
Y
}

# frr_container PORT: FRR itself, real; HOST of its probes is empty in MetalLB's FRR mode.
frr_container() {
  cat <<Y
      - name: frr
        image: quay.io/frrouting/frr:$FRR_VERSION
        command: [/bin/sh, -c, /sbin/tini -- /usr/lib/frr/docker-start]
        env: [{name: TINI_SUBREAPER, value: "true"}]
        livenessProbe: {timeoutSeconds: 10, failureThreshold: 6, periodSeconds: 5, httpGet: {path: /livez, port: $1, scheme: HTTPS${2:+, host: $2}}}
        startupProbe: {timeoutSeconds: 10, failureThreshold: 30, periodSeconds: 5, httpGet: {path: /livez, port: $1, scheme: HTTPS${2:+, host: $2}}}
        securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [NET_ADMIN, NET_RAW, SYS_ADMIN, NET_BIND_SERVICE]}, readOnlyRootFilesystem: true}
        volumeMounts: [{name: frr-sockets, mountPath: /var/run/frr}, {name: frr-conf, mountPath: /etc/frr}, {name: frr-lib, mountPath: /var/lib/frr}, {name: frr-tmp, mountPath: /var/tmp/frr}]
      - name: reloader
        image: quay.io/frrouting/frr:$FRR_VERSION
        command: [/etc/frr_reloader/frr-reloader.sh]
        volumeMounts: [{name: frr-sockets, mountPath: /var/run/frr}, {name: frr-conf, mountPath: /etc/frr}, {name: reloader, mountPath: /etc/frr_reloader}]
Y
}

frr_init() { # frr_init COPY...: a COPY is NAME PROGRAM VOLUME, with $COPY before it
  cat <<Y
      initContainers:
      - name: cp-frr-files
        image: quay.io/frrouting/frr:$FRR_VERSION
        command: [/bin/sh, -c, cp -rLf /tmp/frr/* /etc/frr/]
        securityContext: {runAsUser: 100, runAsGroup: 101}
        volumeMounts: [{name: frr-startup, mountPath: /tmp/frr}, {name: frr-conf, mountPath: /etc/frr}]
Y
}

frr_volumes() {
  echo "      - {name: frr-startup, configMap: {name: $1}}"
  for v in frr-sockets frr-conf reloader metrics frr-lib frr-tmp; do echo "      - {name: $v, emptyDir: {}}"; done
}

frr_startup() { # frr_startup NAME: the files with which FRR starts
  cat <<Y
---
apiVersion: v1
kind: ConfigMap
metadata: {name: $1, namespace: $NS}
data:
  daemons: |
    bgpd=yes
    bfdd=yes
    vtysh_enable=yes
    zebra_options="  -A 127.0.0.1 -s 90000000 --limit-fds 100000"
    bgpd_options="   -A 127.0.0.1 -p 0 --limit-fds 100000"
    staticd_options="-A 127.0.0.1 --limit-fds 100000"
    bfdd_options="   -A 127.0.0.1 --limit-fds 100000"
  vtysh.conf: |
    service integrated-vtysh-config
  frr.conf: |
    ! replaced as soon as the node's configuration is rendered
    frr defaults traditional
    hostname Router
    log stdout informational
Y
}

speaker() {
  cat <<Y
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: $SPEAKER, namespace: $NS, labels: {$SPKR_LABELS}}
spec:
  selector: {matchLabels: {$SPKR_LABELS}}
  template:
    metadata: {labels: {$SPKR_LABELS}, annotations: {prometheus.io/port: "9120", prometheus.io/scrape: "true"}}
    spec:
      serviceAccountName: $SPEAKER
      hostNetwork: true
      shareProcessNamespace: $([ "$BGP_TYPE" = frr ] && echo true || echo false)
      terminationGracePeriodSeconds: 2
      nodeSelector: {kubernetes.io/os: linux}
      tolerations: [{key: node-role.kubernetes.io/master, effect: NoSchedule, operator: Exists}, {key: node-role.kubernetes.io/control-plane, effect: NoSchedule, operator: Exists}]
      volumes:
      - {name: memberlist, secret: {secretName: $MEMBERS}}
      - {name: metallb-excludel2, configMap: {name: metallb-excludel2, defaultMode: 256}}
      - {name: memberlist-config, configMap: {name: metallb-memberlist-config, optional: true}}
$([ "$BGP_TYPE" != frr ] || { frr_volumes frr-startup; frr_init; copy cp-reloader /frr-reloader.sh reloader /etc/frr_reloader; copy cp-metrics /frr-metrics metrics /etc/frr_metrics; })
      containers:
$([ "$BGP_TYPE" != frr ] || { frr_container 9121; frr_metrics 9121; })
      - name: speaker
        image: quay.io/metallb/speaker:v0.16.1
        args: [--port=9120, --log-level=$LAB_LOG_LEVEL]
        env:
$(bgp_type)
$([ "$BGP_TYPE" != frr ] || printf '        - {name: %s, value: %s}\n' FRR_CONFIG_FILE /etc/frr_reloader/frr.conf FRR_RELOADER_PID_FILE /etc/frr_reloader/reloader.pid)
        - {name: METALLB_NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        - {name: METALLB_POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: METALLB_HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
        - {name: METALLB_ML_BIND_ADDR, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        - {name: METALLB_ML_LABELS, value: "$(echo "$SPKR_LABELS" | sed 's/: */=/g; s/, */,/g')"}
        - {name: METALLB_ML_SECRET_KEY_PATH, value: /etc/ml_secret_key}
        ports: [{name: metricshttps, containerPort: 9120}, {name: memberlist-tcp, containerPort: 7946}, {name: memberlist-udp, containerPort: 7946, protocol: UDP}]
$(probe livenessProbe 17472 /healthz "" 127.0.0.1; probe readinessProbe 17472 /readyz "" 127.0.0.1)
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [NET_RAW]}, readOnlyRootFilesystem: true}
        volumeMounts:
        - {name: memberlist, mountPath: /etc/ml_secret_key, readOnly: true}
        - {name: metallb-excludel2, mountPath: /etc/metallb, readOnly: true}
        - {name: memberlist-config, mountPath: /etc/metallb/memberlist, readOnly: true}
$([ "$BGP_TYPE" != frr ] || echo '        - {name: reloader, mountPath: /etc/frr_reloader}')
Y
}

copy() { # copy NAME PROGRAM VOLUME FOLDER: an init container that puts a program into a volume
  local image=quay.io/metallb/frr-k8s:v0.0.25 command="[/bin/sh, -c, cp -f $2 $4/]"
  [ "$BGP_TYPE" != frr ] || { image=quay.io/metallb/speaker:v0.16.1; command="[/cp-tool, $2, $4$2]"; }
  echo "      - {name: $1, image: '$image', command: $command, volumeMounts: [{name: $3, mountPath: $4}]}"
}

frr_metrics() { # frr_metrics PORT
  cat <<Y
      - name: frr-metrics
        image: quay.io/frrouting/frr:$FRR_VERSION
        command: [/etc/frr_metrics/frr-metrics]
        args: [--metrics-port=$1, --metrics-bind-address=0.0.0.0]
        env: [{name: VTYSH_HISTFILE, value: /dev/null}]
        ports: [{name: frrmetricshttps, containerPort: $1}]
        volumeMounts: [{name: frr-sockets, mountPath: /var/run/frr}, {name: frr-conf, mountPath: /etc/frr}, {name: metrics, mountPath: /etc/frr_metrics}]
Y
}

frrk8s() {
  cat <<Y
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: $FRRK8S_DS, namespace: $NS, labels: {$FRRK8S_LABELS}}
spec:
  selector: {matchLabels: {$FRRK8S_SELECT}}
  template:
    metadata: {labels: {$FRRK8S_PODS}, annotations: {kubectl.kubernetes.io/default-container: frr-k8s}}
    spec:
      serviceAccountName: $FRRK8S
      hostNetwork: true
      shareProcessNamespace: true
      terminationGracePeriodSeconds: 10
      tolerations: [{key: node-role.kubernetes.io/master, effect: NoSchedule, operator: Exists}, {key: node-role.kubernetes.io/control-plane, effect: NoSchedule, operator: Exists}]
      volumes:
$(frr_volumes "$FRRK8S_STARTUP"; echo '      - {name: frr-status, emptyDir: {}}')
$(frr_init; copy cp-reloader /frr-reloader.sh reloader /etc/frr_reloader; copy cp-metrics /frr-metrics metrics /etc/frr_metrics; copy cp-frr-status /frr-status frr-status /etc/frr_status)
      containers:
      - name: controller
        image: quay.io/metallb/frr-k8s:v0.0.25
        command: [/frr-k8s]
        args: ["--metrics-bind-address=0.0.0.0:9140", --node-name=\$(NODE_NAME), --namespace=\$(NAMESPACE), --log-level=$LAB_LOG_LEVEL]
        env:
        - {name: FRR_CONFIG_FILE, value: /etc/frr_reloader/frr.conf}
        - {name: FRR_RELOADER_PID_FILE, value: /etc/frr_reloader/reloader.pid}
        - {name: NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        - {name: NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
        ports: [{name: metricshttps, containerPort: 9140}]
$(probe livenessProbe 7572 /healthz "" 127.0.0.1 15; probe readinessProbe 7572 /readyz "" 127.0.0.1 5)
        resources: {limits: {cpu: 500m, memory: 128Mi}, requests: {cpu: 10m, memory: 64Mi}}
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, readOnlyRootFilesystem: true}
        volumeMounts: [{name: reloader, mountPath: /etc/frr_reloader}]
$(frr_container 9141 127.0.0.1; frr_metrics 9141)
      - name: frr-status
        image: quay.io/frrouting/frr:$FRR_VERSION
        command: [/etc/frr_status/frr-status]
        args: [--node-name=\$(NODE_NAME), --namespace=\$(NAMESPACE), --pod-name=\$(POD_NAME), --log-level=$LAB_LOG_LEVEL]
        env:
        - {name: NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        - {name: NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
        - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        volumeMounts: [{name: frr-sockets, mountPath: /var/run/frr}, {name: frr-conf, mountPath: /etc/frr}, {name: frr-status, mountPath: /etc/frr_status}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: $CLEANER, namespace: $NS, labels: {$CLEANER_LABELS}}
spec:
  selector: {matchLabels: {$CLEANER_LABELS}}
  template:
    metadata: {labels: {$CLEANER_LABELS}}
    spec:
      serviceAccountName: $FRRK8S
      hostNetwork: true
      terminationGracePeriodSeconds: 10
      volumes: [{name: cert, secret: {secretName: frr-k8s-webhook-server-cert}}]
      containers:
      - name: frr-k8s-statuscleaner
        image: quay.io/metallb/frr-k8s:v0.0.25
        command: [/statuscleaner]
        args: [--log-level=$LAB_LOG_LEVEL, --namespace=\$(NAMESPACE)]
        env: [{name: NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}]
        ports: [{name: webhook, containerPort: 19443}]
$(probe livenessProbe webhook /healthz HTTPS "" 15; probe readinessProbe webhook /healthz HTTPS "" 5)
        resources: {limits: {cpu: 500m, memory: 128Mi}, requests: {cpu: 10m, memory: 64Mi}}
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, readOnlyRootFilesystem: true}
        volumeMounts: [{name: cert, mountPath: /tmp/k8s-webhook-server/serving-certs, readOnly: true}]
Y
}
