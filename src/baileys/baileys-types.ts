/*
 * The types of Baileys, from whichever of its two names is installed: a type of the other one is `any`, and is passed
 * over. Everything of this package that speaks of a Baileys takes its types from here.
 */

// Comments of this form stand in the declarations, too.
// biome-ignore lint/suspicious/noTsIgnore: an error where only the other name is installed, and none where it is
/** @ts-ignore */
import type * as first from '@whiskeysockets/baileys'
// biome-ignore lint/suspicious/noTsIgnore: as above
/** @ts-ignore */
import type * as second from 'baileys'

/** In brackets: a condition on a type that is not there is itself `any`. */
type Known<First, Second> = [0] extends [1 & First] ? Second : First

/** The namespace itself. */
export type Baileys = Known<typeof first, typeof second>

export type AuthenticationCreds = Known<first.AuthenticationCreds, second.AuthenticationCreds>
export type AuthenticationState = Known<first.AuthenticationState, second.AuthenticationState>
export type BaileysEventEmitter = Known<first.BaileysEventEmitter, second.BaileysEventEmitter>
export type BaileysEventMap = Known<first.BaileysEventMap, second.BaileysEventMap>
export type BinaryNode = Known<first.BinaryNode, second.BinaryNode>
export type GroupMetadata = Known<first.GroupMetadata, second.GroupMetadata>
export type SignalDataSet = Known<first.SignalDataSet, second.SignalDataSet>
export type SignalDataTypeMap = Known<first.SignalDataTypeMap, second.SignalDataTypeMap>
export type SignalKeyStoreWithTransaction = Known<
  first.SignalKeyStoreWithTransaction,
  second.SignalKeyStoreWithTransaction
>
export type UserFacingSocketConfig = Known<first.UserFacingSocketConfig, second.UserFacingSocketConfig>
export type WAMessage = Known<first.WAMessage, second.WAMessage>
export type WAMessageKey = Known<first.WAMessageKey, second.WAMessageKey>
export type WASocket = Known<first.WASocket, second.WASocket>

/** The protocol's own definitions, as far as they are spoken of here. */
export declare namespace proto {
  type IClientPayload = Known<first.proto.IClientPayload, second.proto.IClientPayload>
  type ClientPayload = Known<first.proto.ClientPayload, second.proto.ClientPayload>
  type IMessage = Known<first.proto.IMessage, second.proto.IMessage>
  namespace Message {
    type ISenderKeyDistributionMessage = Known<
      first.proto.Message.ISenderKeyDistributionMessage,
      second.proto.Message.ISenderKeyDistributionMessage
    >
  }
}
