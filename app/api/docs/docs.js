// Shows the OpenAPI document as a page: no library, no other host.
'use strict';
const main = document.getElementById('main');
const find = document.getElementById('find');
const make = (tag, text, ...children) => {
  const el = document.createElement(tag);
  if (text) el.textContent = text;
  el.append(...children);
  return el;
};

function resolve(doc, schema, depth = 0) {
  if (!schema || depth > 6) return '…';
  if (schema.$ref) return resolve(doc, doc.components.schemas[schema.$ref.split('/').pop()], depth);
  const type = Array.isArray(schema.type) ? schema.type.find((t) => t !== 'null') : schema.type;
  if (type === 'object' && schema.properties) {
    const out = {};
    for (const [k, v] of Object.entries(schema.properties)) out[k + (schema.required?.includes(k) ? '' : '?')] = resolve(doc, v, depth + 1);
    return out;
  }
  if (type === 'array') return [resolve(doc, schema.items, depth + 1)];
  return [schema.enum ? schema.enum.join(' | ') : type + (schema.format ? ` (${schema.format})` : ''), schema.description].filter(Boolean).join(': ');
}

function operation(doc, method, path, op) {
  const box = make('details', '', make('summary', '', make('b', method.toUpperCase()), make('code', path), make('span', op.summary ?? '')));
  if (op.description) box.append(make('p', op.description));
  if (op.security && op.security.length === 0) box.append(make('p', 'Needs no sign-in.'));
  if (op.parameters?.length) {
    const table = make('table', '', make('tr', '', make('th', 'Parameter'), make('th', 'In'), make('th', 'Meaning')));
    for (const p of op.parameters) {
      table.append(make('tr', '', make('td', '', make('code', p.name + (p.required ? '' : '?'))), make('td', p.in), make('td', [p.description ?? p.schema?.description, p.schema?.enum?.join(' | ')].filter(Boolean).join(' '))));
    }
    box.append(table);
  }
  for (const [type, body] of Object.entries(op.requestBody?.content ?? {})) {
    box.append(make('h4', `Body (${type})`), make('pre', JSON.stringify(resolve(doc, body.schema), null, 2)));
  }
  for (const [code, res] of Object.entries(op.responses ?? {})) {
    const schema = Object.values(res.content ?? {})[0]?.schema;
    if (code >= '400' && schema) continue;
    box.append(make('h4', `${code} ${res.description ?? ''}`));
    if (schema) box.append(make('pre', JSON.stringify(resolve(doc, schema), null, 2)));
  }
  box.dataset.text = `${method} ${path} ${op.summary ?? ''} ${op.description ?? ''}`.toLowerCase();
  return box;
}

async function start() {
  const doc = await (await fetch('/api/openapi.json')).json();
  const groups = new Map();
  for (const [path, item] of Object.entries(doc.paths)) {
    for (const [method, op] of Object.entries(item)) {
      const tag = op.tags?.[0] ?? 'other';
      if (!groups.has(tag)) groups.set(tag, make('section', '', make('h2', tag)));
      groups.get(tag).append(operation(doc, method, path, op));
    }
  }
  main.replaceChildren(make('p', doc.info.description), ...groups.values());
  find.addEventListener('input', () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const box of main.querySelectorAll('details')) box.hidden = !words.every((w) => box.dataset.text.includes(w));
    for (const section of main.querySelectorAll('section')) section.hidden = ![...section.querySelectorAll('details')].some((d) => !d.hidden);
  });
}

start().catch((err) => main.replaceChildren(make('p', `The document could not be loaded: ${err.message}`)));
