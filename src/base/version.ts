// What this server is and what it is compatible with. A test holds ANAX_VERSION to package.json.

export const ANAX_VERSION = '0.1.0';

/** The Redis release whose commands and replies Anax reproduces; clients read it from HELLO and INFO. */
export const REDIS_VERSION = '7.4.0';
