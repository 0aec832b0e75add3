// Tests run with the whole-structure checks switched on (src/base/assert.ts).
process.env['ANAX_VERIFY'] = '1';
