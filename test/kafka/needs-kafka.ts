// The broker that the test run was given, or a reason to skip.

/** Address of the broker; undefined when there is none. */
export const kafkaAddress: string | undefined = process.env['LEEWAY_TEST_KAFKA']

/** For `test(name, {skip}, …)`: false when there is a broker. In CI a missing broker is a failure, told by test/run.ts. */
export const skipWithoutKafka: string | false =
  kafkaAddress === undefined ? 'no broker: run through npm test, or set LEEWAY_TEST_KAFKA=host:port' : false
