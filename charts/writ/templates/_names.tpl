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
