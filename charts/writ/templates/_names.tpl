{{- define "writ.labels" -}}
app.kubernetes.io/name: writ
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "writ.selector" -}}
app.kubernetes.io/name: writ
app.kubernetes.io/component: operator
{{- end }}

{{- /* The reference of an image: a digest goes before a tag. */ -}}
{{- define "writ.image" -}}
{{- $image := index .root.Values.images .name -}}
{{- if $image.digest -}}
{{ .root.Values.images.registry }}{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ .root.Values.images.registry }}{{ $image.repository }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "writ.claim" -}}
{{- if eq .Values.data.kind "existingClaim" -}}
{{ required "data.existingClaim: write the name of the PersistentVolumeClaim" .Values.data.existingClaim }}
{{- else -}}
writ-data
{{- end -}}
{{- end }}

{{- /* Whether replicas may run on several nodes. */ -}}
{{- define "writ.spread" -}}
{{- if and (eq .Values.data.kind "claim") (ne .Values.data.claim.accessMode "ReadWriteMany") -}}no{{- else -}}yes{{- end -}}
{{- end }}

{{- /* What the operator is told about its log; nothing where the value is empty. */ -}}
{{- define "writ.log.env" -}}
{{- with .Values.log }}
{{- with .store }}
- {name: WRIT_LOG_STORE, value: {{ . | quote }}}
{{- end }}
{{- with .s3.region }}
- {name: WRIT_LOG_S3_REGION, value: {{ . | quote }}}
{{- end }}
{{- with .s3.endpoint }}
- {name: WRIT_LOG_S3_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- with .s3.credentialsSecret }}
- name: AWS_ACCESS_KEY_ID
  valueFrom: {secretKeyRef: {name: {{ . }}, key: AWS_ACCESS_KEY_ID}}
- name: AWS_SECRET_ACCESS_KEY
  valueFrom: {secretKeyRef: {name: {{ . }}, key: AWS_SECRET_ACCESS_KEY}}
{{- end }}
{{- if .keepDays }}
- {name: WRIT_LOG_KEEP, value: "{{ int .keepDays }}d"}
{{- end }}
{{- if .keyLifetimeDays }}
- {name: WRIT_LOG_KEY_LIFETIME, value: "{{ int .keyLifetimeDays }}d"}
{{- end }}
{{- with .archive }}
- {name: WRIT_LOG_ARCHIVE, value: {{ . | quote }}}
{{- end }}
{{- with .otlpUrl }}
- {name: WRIT_LOG_OTLP_URL, value: {{ . | quote }}}
{{- end }}
{{- with .cloudEventsUrl }}
- {name: WRIT_LOG_CLOUDEVENTS_URL, value: {{ . | quote }}}
{{- end }}
{{- if .witnesses }}
- name: WRIT_LOG_WITNESSES
  value: {{ range $i, $one := .witnesses }}{{ if $i }}, {{ end }}{{ $one.url }} {{ $one.key }}{{ end }}
{{- end }}
{{- if .quorum }}
- {name: WRIT_LOG_QUORUM, value: "{{ int .quorum }}"}
{{- end }}
{{- end }}
{{- end }}
