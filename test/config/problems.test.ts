import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../../src/config/config-error.ts'
import { loadDocument, readDocument } from '../../src/config/load.ts'
import { documentText, withModel } from './document.ts'

function problemsOf(text: string): string[] {
  try {
    readDocument(text, 'leeway.yaml')
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    assert.ok(error.problems.every(({ message, file }) => message !== '' && file === 'leeway.yaml'))
    return error.message.split('\n')
  }
  return []
}

/** A document whose source has a mapping with these columns, and whose model these segments. */
function mapped(columns: string, segments: string): string {
  const source = `\n  history: {type: file, path: a.csv, events: {id: i, time: t, ${columns}}}`
  const model = `\n  credit-risk: {source: history, task: binary, reference: {file: r.csv}, windows: [{size: 1h, slide: 5m}], segments: ${segments}}`
  return documentText({ sources: source, models: model })
}

/** A wrong document, and the only thing that is said about it. */
const cases: ReadonlyArray<readonly [string, string, RegExp]> = [
  [
    'another version of the document',
    documentText().replace('leeway/v1', 'leeway/v2'),
    /:1:13: apiVersion: found "leeway\/v2" \(text\); expected leeway\/v1$/,
  ],
  [
    'a misspelt section',
    documentText({}, 'chanels: {}'),
    /:13:1: chanels: there is no such setting; did you mean channels\?$/,
  ],
  [
    'a section that does not exist yet',
    documentText({}, 'silences: []'),
    /silences: not available in this version; write known times under maintenance/,
  ],
  [
    'too few days to tell the hours of a week apart',
    withModel('reference: {first: 14d}\nbaseline: same_hour_of_week'),
    /models\.credit-risk\.reference\.first: same_hour_of_week needs a reference of at least 28d, and this one spans 14d; learn from more days/,
  ],
  [
    'a baseline that does not exist',
    withModel('baseline: same_hour_of_month'),
    /models\.credit-risk\.baseline: found "same_hour_of_month".*pooled, same_hour_of_day or same_hour_of_week/,
  ],
  [
    'one feature to watch together',
    withModel('multivariate: {features: [age]}'),
    /models\.credit-risk\.multivariate.*at least two features/,
  ],
  [
    'no models',
    documentText({ models: ' {}', routes: null, retraining: null }),
    /models: found \{\}; expected at least one model$/,
  ],
  [
    'a source of an unknown type',
    documentText({ sources: '\n  history: {type: fil, path: a.csv, events: canonical}' }),
    /:3:19: sources\.history\.type: found "fil" \(text\); expected kafka or file; did you mean file\?$/,
  ],
  [
    'a source without a type',
    documentText({ sources: '\n  history: {path: a.csv}' }),
    /sources\.history\.type: missing; expected kafka or file$/,
  ],
  [
    'a source type that does not exist yet',
    documentText({ sources: '\n  history: {type: http}' }),
    /sources\.history\.type: http is not available in this version; use kafka or file$/,
  ],
  [
    'an event format that does not exist yet',
    documentText({ sources: '\n  history: {type: file, path: a, events: avro}' }),
    /events: avro is not available in this version; send JSON/,
  ],
  [
    'a misspelt event format',
    documentText({ sources: '\n  history: {type: file, path: a, events: cannonical}' }),
    /events: found "cannonical" \(text\); expected canonical, or a mapping .*; did you mean canonical\?$/,
  ],
  [
    'a misspelt key of a mapping',
    documentText({ sources: '\n  history: {type: file, path: a, events: {id: i, time: t, lable: l}}' }),
    /sources\.history\.events\.lable: there is no such setting; did you mean label\?$/,
  ],
  [
    'no segment columns in a mapping',
    documentText({ sources: '\n  history: {type: file, path: a, events: {id: i, time: t, segments: []}}' }),
    /events\.segments: found a list of 0; expected at least one column$/,
  ],
  [
    'a mapping without predictions and labels',
    documentText({
      sources: '\n  history: {type: file, path: a, events: {id: i, score: s}}',
      models:
        '\n  credit-risk: {source: history, task: binary, reference: {first: 1d}, windows: [{size: 1h, slide: 5m}]}',
    }),
    /events: a record needs a time to be a prediction, or a label/,
  ],
  [
    'a label time without a label',
    documentText({ sources: '\n  history: {type: file, path: a, events: {id: i, time: t, labelTime: l}}' }),
    /labelTime: there is no label that could have a time/,
  ],
  [
    'the label among the features',
    documentText({
      sources: '\n  history: {type: file, path: a, events: {id: i, time: t, label: y, features: [x, y]}}',
    }),
    /features: y is the label or its time; as a feature it would show/,
  ],
  [
    'a broker without a port',
    documentText({
      sources: '\n  history: {type: kafka, brokers: [localhost], topics: [a]}',
      models:
        '\n  credit-risk: {source: history, task: binary, reference: {first: 1d}, windows: [{size: 1h, slide: 5m}]}',
    }),
    /brokers\[0\]: found "localhost" \(text\); expected a broker such as localhost:9092$/,
  ],
  [
    'a topic that is listed twice',
    documentText({ sources: '\n  history: {type: kafka, brokers: [a:1], topics: [a, a], events: {id: i, time: t}}' }),
    /topics\[1\]: a is listed twice$/,
  ],
  [
    'a name with a blank',
    documentText({ channels: '\n  "ml team": {type: console}', routes: null }),
    /channels\["ml team"\]: this name cannot be used; expected a name of at most 64/,
  ],
  [
    'a misspelt source',
    withModel('source: histroy'),
    /:7:13: models\.credit-risk\.source: there is no source called histroy; did you mean history\? \(sources: production, history\)$/,
  ],
  [
    'a misspelt task',
    withModel('task: binry'),
    /task: found "binry" \(text\); expected binary, multiclass, multilabel or regression; did you mean binary\?$/,
  ],
  [
    'a drift method that is misspelt',
    withModel('drift: {method: evidently/wassertein}'),
    /models\.credit-risk\.drift\.method: there is no method evidently\/wassertein; did you mean evidently\/wasserstein\? \(methods: leeway, evidently\/default, /,
  ],
  [
    'a drift method that windows cannot tell',
    withModel('drift: {columns: {age: {method: evidently/mannw}}}'),
    /drift\.columns\.age\.method: evidently\/mannw is not available: it needs the values themselves, which windows do not keep; use evidently\/ks or evidently\/wasserstein$/,
  ],
  [
    'a threshold for a method that has several',
    withModel('drift: {method: evidently/default, threshold: 0.2}'),
    /drift\.threshold: evidently\/default has thresholds of its own; leave threshold out, or name a single method of a tool$/,
  ],
  [
    'a threshold for Leeway',
    withModel('drift: {columns: {age: {method: leeway, threshold: 0.2}}}'),
    /drift\.columns\.age\.threshold: leeway follows falseAlarmBudget; leave threshold out/,
  ],
  [
    'a threshold that is none',
    withModel('drift: {method: azure, threshold: -1}'),
    /drift\.threshold: found -1 \(number\); expected a number above 0$/,
  ],
  [
    'a segment column that is listed twice',
    withModel('segments: [country, country]'),
    /:7:25: models\.credit-risk\.segments\[1\]: country is listed twice; each column is written once$/,
  ],
  [
    'a segment column whose segments could not be named',
    withModel('segments: [a=b]'),
    /segments\[0\]: found "a=b" \(text\); expected the name of a column on one line, without =$/,
  ],
  [
    'more segments than a model may have',
    withModel('segments: [a, b, c]').replace('apiVersion', 'limits: {segments: 400}\napiVersion'),
    /models\.credit-risk\.segments: 3 columns of up to 400 values \(limits\.segments\) are 1200 segments, and a model may have 1000; set limits\.segments to 333 at most, or name fewer columns$/,
  ],
  [
    'a segment column on two lines',
    withModel('segments: ["a\\nb"]'),
    /segments\[0\]: found "a\\nb" \(text\); expected the name of a column on one line, without =$/,
  ],
  [
    'a segment column with a character that turns text around',
    withModel('segments: ["a\\u202eb"]'),
    /segments\[0\]: .*expected the name of a column on one line, without =$/,
  ],
  [
    'a segment column that the mapping does not bring',
    mapped('features: [age, income], segments: [country]', '[contry]'),
    /segments\[0\]: the events of history have no such segment or feature; did you mean country\? \(they name: country, age, income\); if their records do have it, list it under events\.segments there$/,
  ],
  [
    'a segment column that is nearly one of the mapping, which leaves its features open',
    mapped('segments: {country: land}', '[contry]'),
    /segments\[0\]: the events of history have no such segment or feature; did you mean country\? \(they name: country\); if .*$/,
  ],
  [
    'a segment column that cannot come with any event',
    mapped('features: [age]', '[region]'),
    /segments\[0\]: the events of history have no such segment or feature \(they name: age\); if .*$/,
  ],
  [
    'a feature of which nothing is said in quality',
    withModel('quality: {columns: {age: {}}}'),
    /quality\.columns\.age: say what is another for this column, such as \{missing: 0\.1\} \(known here: missing, typeError, unseen, outOfRange\)$/,
  ],
  [
    'a column of which nothing is said',
    withModel('drift: {columns: {age: {}}}'),
    /drift\.columns\.age: say what is another for this column: \{floor: 0\.2\} or \{method: …\}$/,
  ],
  [
    'a floor of a column that another tool judges',
    withModel('drift: {method: evidently/psi, columns: {age: {floor: 0.2}}}'),
    /drift\.columns\.age\.floor: this column is judged by evidently\/psi, which has a threshold of its own; leave floor out, or set method: leeway$/,
  ],
  [
    'a rise that is no share',
    withModel('quality: {columns: {age: {missing: 5}}}'),
    /quality\.columns\.age\.missing: found 5 \(number\); expected a share above 0, at most 1$/,
  ],
  [
    'a fall that is no share',
    withModel('volume: {fall: 0}'),
    /volume\.fall: found 0 \(number\); expected a share above 0, at most 1$/,
  ],
  [
    'a duration in words',
    withModel('windows: [{size: 1h, slide: 5 mins}]'),
    /:7:33: models\.credit-risk\.windows\[0\]\.slide: found "5 mins" \(text\); expected a duration: a whole number and a unit, such as 90s, 5m, 1h or 7d$/,
  ],
  [
    'a duration without a unit',
    withModel('windows: [{size: 3600, slide: 5m}]'),
    /windows\[0\]\.size: found 3600 \(number\); expected a duration/,
  ],
  [
    'a slide of nothing',
    withModel('windows: [{size: 1h, slide: 0s}]'),
    /slide: found "0s" \(text\); expected a duration longer than 0$/,
  ],
  [
    'a size that is no multiple of its slide',
    withModel('windows: [{size: 1h, slide: 7m}]'),
    /windows\[0\]\.size: 1h is not a whole multiple of its slide 7m; 56m or 63m would be$/,
  ],
  [
    'two windows of one size',
    withModel('windows: [{size: 1h, slide: 5m}, {size: 60m, slide: 10m}]'),
    /windows\[1\]\.size: another window is 1h long already/,
  ],
  [
    'slides that do not fit each other',
    withModel('windows: [{size: 1h, slide: 10m}, {size: 3h, slide: 15m}]'),
    /windows\[1\]\.slide: 15m is not a whole multiple of the model's smallest slide 10m; 10m or 20m would be$/,
  ],
  [
    'too many slides',
    withModel('windows: [{size: 30d, slide: 1s}]'),
    /windows\[0\]\.slide: 30d are 2592000 slides of 1s, and at most 10000 are possible: slide by at least 260s$/,
  ],
  ['no windows', withModel('windows: []'), /windows: found a list of 0; expected at least one window$/],
  [
    'a positive class of a regression',
    withModel('task: regression\npositiveClass: bad'),
    /positiveClass: a regression model has no positive class/,
  ],
  [
    'three classes of a binary model',
    withModel('classes: [a, b, c]'),
    /classes: a binary model has two classes, found 3: a, b, c/,
  ],
  ['one class twice', withModel('task: multiclass\nclasses: [1, 1.0]'), /classes: a class is listed twice: 1, 1$/],
  [
    'a positive class that is no class',
    withModel('classes: [good, bad]\npositiveClass: bda'),
    /positiveClass: bda is not one of the classes good or bad; did you mean bad\?$/,
  ],
  [
    'a misspelt metric',
    withModel('performance: {metrics: [rocauc]}'),
    /metrics\[0\]: found "rocauc" \(text\); expected .*; did you mean roc_auc\?$/,
  ],
  [
    'a metric of another task',
    withModel('performance: {metrics: [mae]}'),
    /metrics\[0\]: a binary model has no mae; it has roc_auc, /,
  ],
  [
    'an alarm that is no metric of the model',
    withModel('performance: {metrics: [f1], alarm: {recall: {drop: 0.1}}}'),
    /alarm\.recall: recall is not one of the metrics/,
  ],
  [
    'an alarm in the wrong direction',
    withModel('performance: {alarm: {roc_auc: {rise: 0.03}}}'),
    /alarm\.roc_auc: roc_auc gets worse when it drops; write \{drop: 0\.03\}$/,
  ],
  [
    'an alarm on a falling loss',
    withModel('performance: {alarm: {log_loss: {drop: 0.03}}}'),
    /log_loss gets worse when it rises; write \{rise: 0\.03\}$/,
  ],
  [
    'an alarm on what is only shown',
    withModel('performance: {metrics: [ece_by_chance], alarm: {ece_by_chance: {rise: 0.1}}}'),
    /alarm\.ece_by_chance: ece_by_chance is only shown/,
  ],
  [
    'a top that is no share',
    withModel('performance: {top: 5}'),
    /performance\.top: of a binary model it is a share of the rows below 1, such as 0\.1; found 5$/,
  ],
  [
    'a top that is no number of classes',
    withModel('task: multiclass\nperformance: {top: 2.5}'),
    /performance\.top: of a multiclass model it is a whole number of classes from 1 to 20; found 2\.5$/,
  ],
  [
    'a top where nothing is ranked',
    withModel('task: regression\nperformance: {top: 2}'),
    /performance\.top: a regression model has no use for it; leave it out$/,
  ],
  [
    'quantiles of decisions',
    withModel('performance: {quantiles: [0.5]}'),
    /performance\.quantiles: a binary model has no use for it; leave it out$/,
  ],
  [
    'a quantile that is none',
    withModel('task: regression\nperformance: {quantiles: [90]}'),
    /quantiles\[0\]: found 90 \(number\); expected a quantile between 0 and 1, such as 0\.9$/,
  ],
  [
    'a pinball loss of nothing',
    withModel('task: regression\nperformance: {metrics: [mae, pinball]}'),
    /performance\.metrics: pinball needs performance\.quantiles, which is missing$/,
  ],
  [
    'costs that no metric needs',
    withModel('performance: {metrics: [f1], cost: {bad: {good: 5}}}'),
    /performance\.cost: none of the metrics of this model needs it; add business_value to performance\.metrics$/,
  ],
  [
    'costs of a class that is none',
    withModel('classes: [good, bad]\nperformance: {cost: {bad: {god: 5}}}'),
    /cost\.bad\.god: god is not one of the classes good or bad; did you mean good\?$/,
  ],
  [
    'costs of three classes of two',
    withModel('performance: {cost: {a: {b: 5}, c: {a: 1}}}'),
    /performance\.cost: a binary model has two classes, found 3: a, b, c$/,
  ],
  [
    'a misspelt drop',
    withModel('performance: {alarm: {roc_auc: {drp: 0.03}}}'),
    /alarm\.roc_auc: found the keys drp; expected \{drop: 0\.03\} or \{rise: 0\.1\}; did you mean drop\?$/,
  ],
  [
    'a misspelt reference',
    withModel('reference: {fle: a.csv}'),
    /reference: found the keys fle; expected one of .*; did you mean file\?$/,
  ],
  [
    'a reference without a time',
    withModel('reference: {file: a.csv, events: {id: i, label: y, labelTime: t}}'),
    /reference\.events: a reference is made of predictions/,
  ],
  [
    'a canonical source without columns for the reference',
    withModel('source: production'),
    /:9:5: models\.credit-risk\.reference: the events of production are canonical, so the columns .* events: \{id/,
  ],
  [
    'a share in percent',
    withModel('labels: {minCoverage: 80}'),
    /labels\.minCoverage: found 80 \(number\); expected a share from 0 to 1$/,
  ],
  [
    'a silence without its length',
    withModel('noData: 3h'),
    /noData: found "3h" \(text\); expected off, or \{after: 3h\}$/,
  ],
  [
    'a detector of another name',
    withModel('conceptDrift: {detector: adwinn}'),
    /conceptDrift\.detector: found "adwinn" \(text\); expected e-detector, .*; did you mean adwin\?$/,
  ],
  [
    'a parameter of another detector',
    withModel('conceptDrift: {detector: adwin, threshold: 50}'),
    /conceptDrift\.threshold: threshold belongs to page-hinkley, and the detector here is adwin, which has tolerance, delta; leave it out$/,
  ],
  [
    'a detector that warns after it has alarmed',
    withModel('conceptDrift: {detector: ddm, warning: 4}'),
    /conceptDrift\.warning: a warning at 4 standard deviations would come after the alarm at 3; make it smaller$/,
  ],
  [
    'a tolerance in percent',
    withModel('conceptDrift: {tolerance: 1}'),
    /conceptDrift\.tolerance: found 1 \(number\); expected a share above 0, at most 0\.5$/,
  ],
  [
    'nothing after the colon',
    withModel('labels:'),
    /:7:12: models\.credit-risk\.labels: found no value after the colon; expected a map of settings$/,
  ],
  [
    'two models on one mapped source',
    documentText({
      models:
        '\n  credit-risk: &model {source: history, task: binary, reference: {first: 1d}, windows: [{size: 1h, slide: 5m}]}\n  churn: *model',
    }),
    /models\.churn\.source: the mapped events of history name no model and belong to credit-risk already; give each/,
  ],
  [
    'a route to a misspelt channel',
    documentText({ routes: '\n  - {to: [ml-taem]}' }),
    /:10:11: routes\[0\]\.to\[0\]: there is no channel called ml-taem; did you mean ml-team\?/,
  ],
  [
    'a fallback that is not there',
    documentText({
      channels: '\n  ml-team: {type: console, fallback: scren}\n  screen: {type: console}',
      routes: null,
    }),
    /channels\.ml-team\.fallback: there is no channel called scren; did you mean screen\?/,
  ],
  [
    'fallbacks that lead back',
    documentText({
      channels:
        '\n  a: {type: console, fallback: b}\n  b: {type: console, fallback: c}\n  c: {type: console, fallback: a}',
      routes: null,
    }),
    /channels\.a\.fallback: it leads back to a \(a → b → c → a\); name a channel outside of the circle/,
  ],
  [
    'a group by something that incidents do not have',
    documentText({ routes: '\n  - {to: [ml-team], groupBy: [team]}' }),
    /routes\[0\]\.groupBy\[0\]: found "team" \(text\); expected model or kind/,
  ],
  [
    'a route for an unknown model',
    documentText({ routes: '\n  - {match: {model: credit}, to: [ml-team]}' }),
    /routes\[0\]\.match\.model: there is no model called credit; did you mean credit-risk\?/,
  ],
  [
    'a route on an unknown kind',
    documentText({ routes: '\n  - {match: {kind: drfit}, to: [ml-team]}' }),
    /match\.kind: found "drfit" \(text\); expected drift, .*; did you mean drift\?$/,
  ],
  [
    'a channel of an unknown type',
    documentText({ channels: '\n  ml-team: {type: slak}' }),
    /channels\.ml-team\.type: found "slak" .* did you mean slack\?$/,
  ],
  [
    'a user without a password',
    documentText({ channels: '\n  ml-team: {type: email, host: h, port: 25, user: u, from: a@b.c, to: [a@b.c]}' }),
    /ml-team\.user: passwordFile is missing: to log in, the mail server needs both$/,
  ],
  [
    'buttons that nobody could press',
    documentText({ channels: '\n  ml-team: {type: slack, tokenFile: t, channel: "#a", appTokenFile: a}' }),
    /ml-team\.appTokenFile: people is missing: nobody could press the buttons; write people: \{U024BE7LH/,
  ],
  [
    'people without buttons',
    documentText({
      channels:
        '\n  ml-team: {type: slack, tokenFile: t, channel: "#a", people: {U024BE7LH: {name: ann, role: operator}}}',
    }),
    /ml-team\.people: appTokenFile is missing: without it there are no buttons$/,
  ],
  [
    'a person by another name than an id of Slack',
    documentText({
      channels:
        '\n  ml-team: {type: slack, tokenFile: t, channel: "#a", appTokenFile: a, people: {"@ann": {name: ann, role: operator}}}',
    }),
    /ml-team\.people\[.@ann.\]: .*the id of a user in Slack such as U024BE7LH/,
  ],
  [
    'an address that smuggles a header',
    documentText({
      channels: '\n  ml-team: {type: email, host: h, port: 25, from: a@b.c, to: ["a@b.c\\nBcc: x@y.z"]}',
    }),
    /to\[0\]: found "a@b\.c\\nBcc: x@y\.z" \(text\); expected an email address/,
  ],
  [
    'retraining of an unknown model',
    documentText({ retraining: '\n  creditrisk: {target: webhook, url: "https://jobs.example.org"}' }),
    /retraining\.creditrisk: there is no model called creditrisk; did you mean credit-risk\?/,
  ],
  [
    'an orchestrator that does not exist yet',
    documentText({ retraining: '\n  credit-risk: {target: flyte, url: "https://jobs.example.org"}' }),
    /target: flyte is not available in this version; describe its requests with \{target: http/,
  ],
  [
    'an orchestrator without the name of the job',
    documentText({ retraining: '\n  credit-risk: {target: airflow, url: "https://a.example.org", tokenFile: t}' }),
    /retraining\.credit-risk\.dag: missing; expected the id of a DAG/,
  ],
  [
    'half a login',
    documentText({ retraining: '\n  credit-risk: {target: airflow, url: "https://a.example.org", dag: d, user: u}' }),
    /retraining\.credit-risk: found user; expected user and passwordFile, or tokenFile/,
  ],
  [
    'two logins',
    documentText({
      retraining:
        '\n  credit-risk: {target: airflow, url: "https://a.example.org", dag: d, user: u, passwordFile: p, tokenFile: t}',
    }),
    /retraining\.credit-risk: found user and passwordFile and tokenFile; expected/,
  ],
  [
    'a placeholder that stands for nothing',
    documentText({
      retraining:
        '\n  credit-risk: {target: http, url: "https://a.example.org", launch: {path: "/runs/{{modle}}", json: {a: "{{key}}"}}}',
    }),
    /retraining\.credit-risk\.launch: \{\{modle\}\} stands for nothing here; did you mean model\?/,
  ],
  [
    'a placeholder that is not closed',
    documentText({
      retraining: '\n  credit-risk: {target: http, url: "https://a.example.org", launch: {json: {a: "{{key}"}}}',
    }),
    /retraining\.credit-risk\.launch: there is a \{\{ or \}\} that belongs to no placeholder/,
  ],
  [
    'a placeholder in an address',
    documentText({
      retraining: '\n  credit-risk: {target: http, url: "https://{{model}}.example.org", launch: {}}',
    }),
    /retraining\.credit-risk\.url: /,
  ],
  [
    'a secret in the path of a request',
    documentText({
      retraining:
        '\n  credit-risk: {target: http, url: "https://a.example.org", secrets: {t: f}, launch: {path: "/x/{{secrets.t}}"}}',
    }),
    /retraining\.credit-risk\.launch: \{\{secrets\.t\}\} stands for nothing here/,
  ],
  [
    'a secret in place of its file, by a name of its own',
    documentText({
      retraining:
        '\n  credit-risk: {target: http, url: "https://a.example.org", secrets: {t: "two\\nlines"}, launch: {json: "{{secrets.t}}"}}',
    }),
    /retraining\.credit-risk\.secrets\.t: found other text \(not shown, it may be a secret\); expected the path of a file/,
  ],
  [
    'an access key in place of its file',
    documentText({
      retraining:
        '\n  credit-risk: {target: sagemaker, region: eu-west-1, pipeline: p, accessKeyFile: "two\\nlines", secretKeyFile: f}',
    }),
    /retraining\.credit-risk\.accessKeyFile: found other text \(not shown/,
  ],
  [
    'a secret that is not there',
    documentText({
      retraining:
        '\n  credit-risk: {target: http, url: "https://a.example.org", secrets: {t: f}, launch: {json: "{{secrets.u}}"}}',
    }),
    /retraining\.credit-risk\.launch: \{\{secrets\.u\}\} stands for nothing here; did you mean secrets\.t\?/,
  ],
  [
    'an approval by nobody knows whom',
    documentText({
      retraining: '\n  credit-risk: {target: webhook, url: "https://jobs.example.org", approval: sometimes}',
    }),
    /approval: found "sometimes" \(text\); expected none, required, or \{after: 30m\}/,
  ],
  [
    'quiet hours in a time zone that is none',
    documentText({
      retraining:
        '\n  credit-risk: {target: webhook, url: "https://jobs.example.org", quietHours: {from: "22:00", to: "07:00", timeZone: Berlin}}',
    }),
    /quietHours\.timeZone: found "Berlin" .* time zone such as Europe\/Berlin/,
  ],
  [
    'a webhook on this machine that is not allowed',
    documentText({ retraining: '\n  credit-risk: {target: webhook, url: "http://127.0.0.1:1"}' }),
    /retraining\.credit-risk\.url: 127\.0\.0\.1 is an address of this machine itself, .* write network: \{allow: \[127\.0\.0\.1\]\}/,
  ],
  [
    'a webhook without encryption that is not allowed',
    documentText({ retraining: '\n  credit-risk: {target: webhook, url: "http://airflow:8080"}' }),
    /url: http:\/\/ is not encrypted: use https:\/\/, or, .* network: \{allow: \[airflow\]\}/,
  ],
  [
    'an address that reads in two ways',
    documentText({ retraining: '\n  credit-risk: {target: webhook, url: "https://2130706433/"}' }),
    /url: found other text \(not shown, .*\); expected an address that names its host plainly: 127\.0\.0\.1/,
  ],
  [
    'an allowed host that is none',
    documentText({}, 'network: {allow: ["http://airflow"]}\n'),
    /network\.allow\[0\]: found "http:\/\/airflow" \(text\); expected a name \(airflow/,
  ],
  ['a key that comes twice', documentText({}, 'routes: []\n'), /:13:1: not YAML: Map keys must be unique/],
  ['a tab', 'apiVersion: leeway/v1\nsources:\n\tproduction: {}\n', /:3:1: not YAML: /],
  ['two documents', `${documentText()}---\na: 1\n`, /not YAML: /],
  [
    'an unknown tag',
    documentText({}, 'x: !include y.yaml\n').replace('x: ', 'routes2: '),
    /not YAML: Unresolved tag: !include/,
  ],
  ['a list', '- a\n', /:1:1: found a list of 1; expected a map of settings$/],
  ['an empty file', '', /found no value after the colon; expected a map of settings$/],
]

for (const [what, text, expected] of cases) {
  test(`${what} is the one problem that is reported`, () => {
    const problems = problemsOf(text)
    assert.equal(problems.length, 1, problems.join('\n'))
    assert.match(problems[0] ?? '', /^leeway\.yaml:\d+:\d+: /)
    assert.match(problems[0] ?? '', expected)
  })
}

test('everything that is wrong is reported at once, in the order of the file', () => {
  const problems = problemsOf(`apiVersion: leeway/v1
sources:
  history: {type: file, path: a.csv, events: {id: i, time: t, labelTime: x}, idleTimout: 1s}
models:
  churn:
    source: histry
    task: binary
    reference: {first: 7 days}
    windows: [{size: 1h, slide: 7m}]
    performance: {metrics: [mae]}
routes: [{to: [terminal]}]
retraining: {churn: {target: webhook}}
`)
  assert.deepEqual(
    problems.map((problem) => /^leeway\.yaml:(\d+):\d+: ([^:]*):/.exec(problem)?.slice(1)),
    [
      ['3', 'sources.history.idleTimout'],
      ['6', 'models.churn.source'],
      ['8', 'models.churn.reference.first'],
      ['9', 'models.churn.windows[0].size'],
      ['10', 'models.churn.performance.metrics[0]'],
      ['11', 'routes[0].to[0]'],
      ['12', 'retraining.churn.url'],
    ],
  )
})

test('an alias bomb is refused before it goes off', () => {
  const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`)
  const [problem] = problemsOf(`l0: &l0 x\n${levels.join('\n')}\n`)
  assert.match(problem ?? '', /not usable as YAML: Excessive alias count/)
})

test('no key of a document can change what other objects inherit', () => {
  problemsOf(documentText({}, '__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\n'))
  problemsOf(documentText({ models: '\n  __proto__: {polluted: true}' }))
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

test('a secret that was written in place of its file is not shown', () => {
  const secret = 'xoxb-1234-canary'
  const problems = problemsOf(
    documentText({
      channels: `
  ml-team: {type: slack, tokenFile: ${secret}, channel: "#a"}
  pager: {type: webhook, url: "htps://user:${secret}@example.org", secretFile: "https://${secret}"}
  mail: {type: email, host: h, port: 25, user: u, password: ${secret}, from: a@b.c, to: [a@b.c]}`,
      retraining: `\n  credit-risk: {target: webhook, url: "${secret}"}`,
    }),
  ).join('\n')
  assert.doesNotMatch(problems, /canary/)
  assert.match(
    problems,
    /tokenFile: found other text \(not shown, it may be a secret\); expected the path of a file that holds the secret/,
  )
  assert.match(problems, /channels\.mail\.password: there is no such setting; did you mean passwordFile\?/)
})

test('a file that is not there is a problem of the configuration', () => {
  assert.throws(() => loadDocument('no/such/leeway.yaml'), {
    name: 'ConfigError',
    message: 'no/such/leeway.yaml: there is no such file; name another one with --config FILE',
  })
  assert.throws(() => loadDocument('config'), /config: this is a folder; name the file in it/)
})

test('a segment column that events may bring is taken, named in the mapping or not', () => {
  for (const [columns, segments] of [
    ['segments: {country: land}', '[country]'],
    ['features: [age, job], segments: [country]', '[country, job]'],
    ['score: s', '[whatever]'],
    ['segments: [country_group]', '[country]'],
    ['segments: {reason: why}', '[region]'],
  ] as const)
    assert.deepEqual(problemsOf(mapped(columns, segments)), [])
})
