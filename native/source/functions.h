// The functions of the addon, each in the file of its name. What they take and give is said in native/addon.ts.
#pragma once

#include <node_api.h>

napi_value map(napi_env env, napi_callback_info info);
napi_value unmap(napi_env env, napi_callback_info info);
napi_value flockNow(napi_env env, napi_callback_info info);
napi_value readNow(napi_env env, napi_callback_info info);
napi_value readNowIsPlain(napi_env env, napi_callback_info info);
napi_value allocate(napi_env env, napi_callback_info info);
napi_value listenOn(napi_env env, napi_callback_info info);
napi_value notify(napi_env env, napi_callback_info info);
napi_value runWhenIdle(napi_env env, napi_callback_info info);
napi_value giveWay(napi_env env, napi_callback_info info);
