{{- define "selector" -}}
control-plane: controller-manager
{{- if .Values.usualLabels }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- end }}

{{- define "labels" -}}
{{ include "selector" . }}
{{- if .Values.usualLabels }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
{{- end }}

{{- define "subjects" -}}
subjects:
  - {kind: ServiceAccount, name: {{ .Values.nameOverride }}-manager, namespace: {{ .Release.Namespace }}}
{{- end }}
