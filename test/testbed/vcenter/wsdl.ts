// The part of VMware's interface that the fence agents use, described as vSphere describes it (document/literal, urn:vim25).

type Field = Readonly<{ name: string; type: string; many?: boolean; optional?: boolean }>;
type Operation = Readonly<{ name: string; fields: readonly Field[]; returns?: Field }>;

const reference = 'vim25:ManagedObjectReference';
const field = (name: string, type: string, more: Partial<Field> = {}): Field => ({ name, type, ...more });
const optional = { optional: true };
const list = { optional: true, many: true };

const types: Readonly<Record<string, readonly Field[]>> = {
  AboutInfo: [
    field('name', 'xsd:string'),
    field('fullName', 'xsd:string'),
    field('version', 'xsd:string'),
    field('apiType', 'xsd:string'),
    field('apiVersion', 'xsd:string'),
  ],
  ServiceContent: [
    ...['rootFolder', 'propertyCollector', 'viewManager'].map((name) => field(name, reference)),
    field('about', 'vim25:AboutInfo'),
    ...['sessionManager', 'searchIndex'].map((name) => field(name, reference, optional)),
  ],
  UserSession: [field('key', 'xsd:string'), field('userName', 'xsd:string'), field('loginTime', 'xsd:dateTime')],
  SelectionSpec: [field('name', 'xsd:string', optional)],
  ObjectSpec: [
    field('obj', reference),
    field('skip', 'xsd:boolean', optional),
    field('selectSet', 'vim25:SelectionSpec', list),
  ],
  PropertySpec: [
    field('type', 'xsd:string'),
    field('all', 'xsd:boolean', optional),
    field('pathSet', 'xsd:string', list),
  ],
  PropertyFilterSpec: [
    field('propSet', 'vim25:PropertySpec', { many: true }),
    field('objectSet', 'vim25:ObjectSpec', { many: true }),
  ],
  RetrieveOptions: [field('maxObjects', 'xsd:int', optional)],
  DynamicProperty: [field('name', 'xsd:string'), field('val', 'xsd:anyType')],
  ObjectContent: [field('obj', reference), field('propSet', 'vim25:DynamicProperty', list)],
  RetrieveResult: [field('token', 'xsd:string', optional), field('objects', 'vim25:ObjectContent', list)],
};

const operations: readonly Operation[] = [
  operation('RetrieveServiceContent', [], field('returnval', 'vim25:ServiceContent')),
  operation(
    'Login',
    [field('userName', 'xsd:string'), field('password', 'xsd:string'), field('locale', 'xsd:string', optional)],
    field('returnval', 'vim25:UserSession'),
  ),
  operation('Logout', []),
  operation(
    'CreateContainerView',
    [field('container', reference), field('type', 'xsd:string', list), field('recursive', 'xsd:boolean')],
    field('returnval', reference),
  ),
  operation(
    'RetrievePropertiesEx',
    [field('specSet', 'vim25:PropertyFilterSpec', { many: true }), field('options', 'vim25:RetrieveOptions')],
    field('returnval', 'vim25:RetrieveResult', optional),
  ),
  operation(
    'FindByUuid',
    [
      field('datacenter', reference, optional),
      field('uuid', 'xsd:string'),
      field('vmSearch', 'xsd:boolean'),
      field('instanceUuid', 'xsd:boolean', optional),
    ],
    field('returnval', reference, optional),
  ),
  operation('FindByInventoryPath', [field('inventoryPath', 'xsd:string')], field('returnval', reference, optional)),
  operation('PowerOnVM_Task', [field('host', reference, optional)], field('returnval', reference)),
  operation('PowerOffVM_Task', [], field('returnval', reference)),
];

function operation(name: string, fields: readonly Field[], returns?: Field): Operation {
  return { name, fields: [field('_this', reference), ...fields], ...(returns && { returns }) };
}

function element({ name, type, many, optional: mayLack }: Field): string {
  return `<xsd:element name="${name}" type="${type}"${mayLack ? ' minOccurs="0"' : ''}${many ? ' maxOccurs="unbounded"' : ''}/>`;
}

function sequence(fields: readonly Field[]): string {
  return `<xsd:sequence>${fields.map(element).join('')}</xsd:sequence>`;
}

const traversalSpec = `<xsd:complexType name="TraversalSpec"><xsd:complexContent><xsd:extension base="vim25:SelectionSpec">${sequence(
  [
    field('type', 'xsd:string'),
    field('path', 'xsd:string'),
    field('skip', 'xsd:boolean', optional),
    field('selectSet', 'vim25:SelectionSpec', list),
  ],
)}</xsd:extension></xsd:complexContent></xsd:complexType>`;

const schema = [
  '<xsd:schema targetNamespace="urn:vim25" elementFormDefault="qualified">',
  '<xsd:complexType name="ManagedObjectReference"><xsd:simpleContent><xsd:extension base="xsd:string"><xsd:attribute name="type" type="xsd:string"/></xsd:extension></xsd:simpleContent></xsd:complexType>',
  `<xsd:simpleType name="VirtualMachinePowerState"><xsd:restriction base="xsd:string">${['poweredOff', 'poweredOn', 'suspended'].map((s) => `<xsd:enumeration value="${s}"/>`).join('')}</xsd:restriction></xsd:simpleType>`,
  ...Object.entries(types).map(
    ([name, fields]) => `<xsd:complexType name="${name}">${sequence(fields)}</xsd:complexType>`,
  ),
  traversalSpec,
  ...operations.flatMap(({ name, fields, returns }) => [
    `<xsd:element name="${name}"><xsd:complexType>${sequence(fields)}</xsd:complexType></xsd:element>`,
    `<xsd:element name="${name}Response"><xsd:complexType>${sequence(returns ? [returns] : [])}</xsd:complexType></xsd:element>`,
  ]),
  '</xsd:schema>',
];

/** The interface description for a service at `location`. */
export function wsdl(location: string): string {
  const messages = operations.flatMap(({ name }) => [
    `<message name="${name}RequestMsg"><part name="parameters" element="vim25:${name}"/></message>`,
    `<message name="${name}ResponseMsg"><part name="parameters" element="vim25:${name}Response"/></message>`,
  ]);
  const ports = operations.map(
    ({ name }) =>
      `<operation name="${name}"><input message="vim25:${name}RequestMsg"/><output message="vim25:${name}ResponseMsg"/></operation>`,
  );
  const literal = '<soap:body use="literal"/>';
  const bound = operations.map(
    ({ name }) =>
      `<operation name="${name}"><soap:operation soapAction="" style="document"/><input>${literal}</input><output>${literal}</output></operation>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<definitions targetNamespace="urn:vim25" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:vim25="urn:vim25" xmlns:xsd="http://www.w3.org/2001/XMLSchema">',
    `<types>${schema.join('')}</types>`,
    ...messages,
    `<portType name="VimPortType">${ports.join('')}</portType>`,
    `<binding name="VimBinding" type="vim25:VimPortType"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>${bound.join('')}</binding>`,
    `<service name="VimService"><port name="VimPort" binding="vim25:VimBinding"><soap:address location="${location}"/></port></service>`,
    '</definitions>',
  ].join('\n');
}
