# Two stages: compile with everything, run with production dependencies only.
FROM docker.io/library/node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build \
 && npm prune --omit=dev --ignore-scripts

FROM docker.io/library/node:24-bookworm-slim
ENV NODE_ENV=production LEEWAY_STATE_DIR=/var/lib/leeway LEEWAY_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY bin ./bin
COPY config ./config
COPY examples ./examples
COPY dashboards ./dashboards
RUN groupadd --gid 10001 leeway && useradd --uid 10001 --gid 10001 --no-create-home leeway \
 && install -d -o 10001 -g 10001 /var/lib/leeway
USER 10001:10001
# The only place that is written to, beside /tmp in commands that need a temporary state: run with --read-only, this volume and a
# tmpfs. Needs no capability and no shell.
VOLUME /var/lib/leeway
EXPOSE 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.LEEWAY_PORT ?? 9464) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# What the program does not need is taken from it: code made from text, prototypes by name, a debugger that a signal opens, child
# processes, worker threads, native addons, files to write outside its state. SECURITY.md says what each of these is worth.
# (From Node 25 on, --permission closes the network too: add --allow-net with a newer base image.)
ENTRYPOINT ["node", "--enable-source-maps", \
  "--disable-proto=delete", "--disallow-code-generation-from-strings", "--disable-sigusr1", \
  "--permission", "--allow-fs-read=*", "--allow-fs-write=/var/lib/leeway", "--allow-fs-write=/tmp", \
  "bin/leeway.js"]
CMD ["serve", "-c", "/app/config/leeway.yaml"]
