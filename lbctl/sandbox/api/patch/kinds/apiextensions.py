"""CustomResourceDefinition.

Written in the notation of `notation.py`.

Source: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1/types.go and types_jsonschema.go (v1.36).
"""

from typing import Final

APIEXTENSIONS: Final = """
CustomResourceDefinition
    string  apiVersion kind
    ObjectMeta  metadata!
    CustomResourceDefinitionSpec  spec!
    CustomResourceDefinitionStatus  status!
CustomResourceDefinitionSpec
    string  group! scope!
    CustomResourceDefinitionNames  names!
    [CustomResourceDefinitionVersion]  versions!
    CustomResourceConversion  conversion
    boolean  preserveUnknownFields
CustomResourceDefinitionStatus
    [CustomResourceDefinitionCondition] map:type  conditions!
    CustomResourceDefinitionNames  acceptedNames!
    [string]  storedVersions!
    number  observedGeneration
CustomResourceConversion
    string  strategy!
    WebhookConversion  webhook
CustomResourceDefinitionNames
    string  kind! listKind plural! singular
    [string]  categories shortNames
CustomResourceDefinitionVersion
    string  deprecationWarning* name!
    boolean  deprecated served! storage!
    CustomResourceValidation  schema
    CustomResourceSubresources  subresources
    [CustomResourceColumnDefinition]  additionalPrinterColumns
    [SelectableField]  selectableFields
CustomResourceDefinitionCondition
    string  message reason status! type!
    time  lastTransitionTime?
    number  observedGeneration
WebhookConversion
    WebhookClientConfig  clientConfig
    [string]  conversionReviewVersions!
CustomResourceColumnDefinition
    string  description format jsonPath! name! type!
    number  priority
CustomResourceSubresources
    CustomResourceSubresourceStatus  status
    CustomResourceSubresourceScale  scale
CustomResourceValidation
    JSONSchemaProps  openAPIV3Schema
SelectableField
    string  jsonPath!
WebhookClientConfig
    string  caBundle url*
    ServiceReference  service
CustomResourceSubresourceScale
    string  labelSelectorPath* specReplicasPath! statusReplicasPath!
CustomResourceSubresourceStatus
JSONSchemaProps
    string  $ref* $schema description format id pattern title type x-kubernetes-list-type* x-kubernetes-map-type*
    deduced  additionalItems* additionalProperties* default* example* items*
    number  maxItems* maxLength* maxProperties* maximum* minItems* minLength* minProperties* minimum* multipleOf*
    boolean  exclusiveMaximum exclusiveMinimum nullable uniqueItems x-kubernetes-embedded-resource
        x-kubernetes-int-or-string x-kubernetes-preserve-unknown-fields*
    [deduced]  enum
    [string]  required x-kubernetes-list-map-keys
    [JSONSchemaProps]  allOf anyOf oneOf
    JSONSchemaProps  not
    {JSONSchemaProps}  definitions patternProperties properties
    {deduced}  dependencies
    ExternalDocumentation  externalDocs
    [ValidationRule] map:rule patch:merge:rule  x-kubernetes-validations
ServiceReference
    string  name! namespace! path*
    number  port*
ExternalDocumentation
    string  description url
ValidationRule
    string  fieldPath message messageExpression reason* rule!
    boolean  optionalOldSelf*
"""
