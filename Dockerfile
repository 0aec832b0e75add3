# Anax in a container.
#
#   docker build -t anax .
#   docker run --rm -p 127.0.0.1:6379:6379 anax
#   docker run --rm -p 6379:6379 anax --requirepass secret --threads 4
#   docker run --rm -p 127.0.0.1:6379:6379 -v "$PWD/redis.conf:/etc/anax.conf:ro" anax /etc/anax.conf
#
# Arguments behind the image's name are Anax's own and replace CMD.
#
# Who may connect: inside a container Anax has to listen on all its addresses, and every client, also one on the host,
# comes from another address. Protected mode, which lets only local clients in while there is no password, would refuse
# them all. CMD therefore turns it off and leaves the decision to -p: publish to 127.0.0.1 unless everybody may connect.
# With arguments of your own, protected mode is on again: give --requirepass, or --protected-mode no.

FROM node:22-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Without scripts: the package's own "prepare" builds, and the sources are not there yet.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
COPY workers ./workers
COPY bench ./bench
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-slim
# Huge pages for the memory that keys live in, where the kernel gives them on request (src/decisions/0008).
ENV NODE_ENV=production GLIBC_TUNABLES=glibc.malloc.hugetlb=1
COPY --from=build /build/package.json /opt/anax/package.json
COPY --from=build /build/node_modules /opt/anax/node_modules
COPY --from=build /build/dist/src /opt/anax/dist/src
COPY --from=build /build/dist/workers /opt/anax/dist/workers
# The working directory is the default of "dir", and must be writable for the user that Anax runs as.
RUN mkdir /data && chown node:node /data
WORKDIR /data
USER node
EXPOSE 6379
# Looks at port 6379; for another one, run with -e ANAX_PORT=<port> (or a Unix socket's path).
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["node", "/opt/anax/dist/src/cli/ping.js"]
ENTRYPOINT ["node", "/opt/anax/dist/src/cli/main.js"]
CMD ["--bind", "0.0.0.0", "--protected-mode", "no"]
