FROM node:24-slim

ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000
WORKDIR /app

COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-fund && npm cache clean --force
COPY src ./src

# The one folder that is written to.
RUN mkdir data && chown node:node data
USER node
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/api/phone/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# Node itself is the first process, so that SIGTERM reaches it and live calls are drained.
CMD ["node", "src/server.ts"]
