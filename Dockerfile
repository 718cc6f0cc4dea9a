# syntax=docker/dockerfile:1

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# No package may run anything while it is installed.
RUN npm ci --omit=dev --ignore-scripts --no-fund && npm cache clean --force

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 \
    DATABASE_URL=file:/data/parley.db RECORDINGS_DIR=/data/recordings
WORKDIR /app

# Code and packages belong to root: the server, which runs as another user, cannot change them.
COPY package.json ./
COPY --from=packages /app/node_modules ./node_modules
COPY src ./src

# The one folder that is written to.
RUN mkdir /data && chown 10001:10001 /data && chmod 0700 /data
VOLUME /data
USER 10001:10001
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD ["sh", "-c", "exec node src/cli/health-check.ts \"$PORT\""]

# Node itself gets the signals, so that SIGTERM lets live calls finish.
CMD ["node", "src/server.ts"]
